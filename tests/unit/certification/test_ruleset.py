"""A ruleset that contradicts itself is refused with every fault and its place; a published one never changes."""

import datetime
import hashlib
import json
import re
from pathlib import Path

import pytest

from directory.certification.ruleset import InvalidRuleset, Ruleset, Rulesets, bundled_rulesets, parse_ruleset
from directory.errors import NotFound

FOLDER = Path(__file__).parents[3] / "directory/certification/rulesets"
TEXT = (FOLDER / "bma-2021.1.toml").read_text("utf-8")

PUBLISHED = {
    "bma-2021.1": "8e275ff7c000fe103ac44b3f20102bdf3e32af3721baf3dc7f9dbd012584d347",
}


def changed(old, new):
    assert old in TEXT, "the planted fault must be planted"
    return TEXT.replace(old, new, 1)


def faults(text):
    with pytest.raises(InvalidRuleset) as caught:
        parse_ruleset(text)
    return caught.value.faults


def test_the_shipped_rules_are_those_of_the_design(rules):
    assert rules.id == "bma-2021.1"
    assert rules.valid_months == 12
    assert rules.statement == (
        "I am authorised to answer for this practice. These answers describe our usual practice today. "
        "I will update them within 30 days of a change. I understand that false answers remove the listing."
    )
    assert [(criterion.key, criterion.kind.value) for criterion in rules.criteria] == [
        ("volume_per_site_ml", "quantity"), ("distinct_sites", "count"),
        ("imaging_guidance", "choices"), ("harvest_bone", "choice"),
    ]  # fmt: skip
    assert "a new hole in the bone, or the needle tip moved to a new place at least 1 cm away" in rules.criteria[1].hint
    assert rules.criteria[0].patient_question == "How much volume do you take from one spot in my bone marrow?"
    assert [criterion.right_answer for criterion in rules.criteria[:2]] == ["10 mL or less", "5 to 15 places"]
    assert "commercial" in rules.source.credit
    assert {"total_volume_ml", "syringe_size", "sides", "cortical_entries", "performed_by", "procedures_per_year",
            "anticoagulant", "cell_count", "crest_part"} == {detail.key for detail in rules.details}  # fmt: skip


def test_contrary_studies_stand_beside_the_others(rules):
    against = [c.reference for criterion in rules.criteria for c in criterion.citations if c.stance == "against"]
    assert any("2325967117724398" in reference for reference in against)
    assert any("Biomedicines" in reference for reference in against)
    assert any("J Transl Med" in reference for reference in against)


def test_what_nobody_checked_is_not_printed():
    """Pages, years and addresses that the evidence sheet marks as remembered only."""
    remembered = (
        "Batini",
        "9:467",
        "Suárez",
        "2013;95(12)",
        "JBJS.L.00429",
        "27(4)",
        "pmr.2016",
        "2 mL per site",
        "1786",
    )
    assert [text for text in remembered if text in TEXT] == []


def test_every_link_is_an_address(rules):
    for criterion in rules.criteria:
        for citation in criterion.citations:
            assert re.fullmatch(r"|https://\S+", citation.link)
            assert citation.authors or citation.title


@pytest.mark.parametrize(
    ("old", "new", "where", "sentence"),
    [
        ('title = "How', 'titel = "How', "", "titel is not a key that belongs here"),
        ('title = "How', 'titel = "How', "", "title is missing"),
        ("valid_months = 12", "valid_months = 0", "", "valid_months must be a whole number from 1 to 60"),
        ("valid_months = 12", "valid_months = true", "", "valid_months must be a whole number"),
        ("published = 2026-11-22", 'published = "soon"', "", "published must be a date"),
        ("published = 2026-11-22", "published = 2026-11-22\nsupersedes_after = 2027-01-20", "",
         "supersedes_after must be at least 60 days after"),
        ('id = "bma-2021.1"', 'id = "BMA 2021"', "", "id must be at most 40 small letters"),
        ('publisher = "Regenexx"', 'publisher = " "', "source", "publisher must be a text"),
        ('publisher = "Regenexx"', 'publisher = "Regenexx "', "source", "must not begin or end with a space"),
        ('kind = "quantity"', 'kind = "number"', "criteria[1] volume_per_site_ml", "kind must be one of"),
        ("decimals = 1\n", "", "criteria[1] volume_per_site_ml", "decimals must be a whole number"),
        ('key = "harvest_bone"', 'key = "Harvest bone"', "criteria[4]", "must be made of small letters"),
        ('key = "harvest_bone"', 'key = "low"', "criteria[4]", "stands for something else"),
        ('key = "harvest_bone"', 'key = "distinct_sites"', "", "the key 'distinct_sites' is there twice"),
        ('key = "cell_count"', 'key = "harvest_bone"', "", "the key 'harvest_bone' is there twice"),
        ('key = "imaging_method"', 'key = "total_volume"', "", "the key 'total_volume' is there twice"),
        ("at_least = 0.1, at_most = 200", "at_least = 200, at_most = 0.1", "criteria[1]", "is more than at_most"),
        ("at_least = 0.1, at_most = 200", "at_least = -1, at_most = 200", "criteria[1]", "is less than 0"),
        ("at_least = 0.1, at_most = 200", "at_most = 200", "criteria[1]", "must both be there"),
        ("at_least = 0.1, at_most = 200", "at_least = nan, at_most = 200", "criteria[1]", "at_least must be a number"),
        ("at_least = 0.1, at_most = 200", "at_least = 0.15, at_most = 200", "criteria[1]", "more decimals than the 1"),
        ("at_least = 0.1, at_most = 200", "at_least = 0.1, at_most = 29", "criteria[1]", "beyond the limits"),
        ("right = { at_most = 10 }", "right = { at_most = 30 }", "criteria[1]", "right and wrong overlap"),
        ("right = { at_most = 10 }", "right = { at_least = 5 }", "criteria[1]", "right and wrong overlap"),
        ("right = { at_most = 10 }", "right = { at_most = 10.05 }", "criteria[1]", "more decimals"),
        ("right = { at_most = 10 }", "right = { at_most = true }", "criteria[1]", "must be a number"),
        ("right = { at_most = 10 }", "right = {}", "criteria[1] volume_per_site_ml right", "must be there"),
        ("right = { at_most = 10 }", "right = { below = 10 }", "criteria[1] volume_per_site_ml right", "below is not"),
        ("right = { at_most = 10 }", "", "criteria[1] volume_per_site_ml right", "must be there"),
        ("right = { at_least = 5, at_most = 15 }", "right = { at_least = 15, at_most = 5 }", "criteria[2]", "is more"),
        ("right = { at_least = 5, at_most = 15 }", "right = { at_least = 5.5 }", "criteria[2]", "more decimals"),
        ("wrong = { at_most = 2 }", "wrong = [{ at_most = 2 }, { at_least = 2, at_most = 3 }]",
         "criteria[2]", "wrong and wrong overlap"),
        ("wrong = { at_most = 2 }", "wrong = { at_most = 61 }", "criteria[2]", "beyond the limits"),
        ('"posterior_iliac_crest", "anterior', '"hip", "anterior', "criteria[4]", "'hip' is not one of"),
        ('wrong = ["tibia"', 'wrong = ["anterior_iliac_crest"', "criteria[4]", "cannot be right and wrong"),
        ('wrong = ["tibia"', 'wrong = ["femur"', "criteria[4]", "names something twice"),
        ('value = "tibia"', 'value = "femur"', "criteria[4]", "is there twice"),
        ('value = "ct"', 'value = "none"', "criteria[3]", "stands for something else"),
        ('none = { label = "None: by feel', 'nothing = { label = "None: by feel', "criteria[3]", "nothing is not"),
        ("wrong = { none = true }", "wrong = {}", "criteria[3]", "wrong must say any_of"),
        ("wrong = { none = true }", 'wrong = { none = "yes" }', "criteria[3]", "must be true or false"),
        ("wrong = { none = true }", 'wrong = { any_of = ["ct"] }', "criteria[3]", "overlap"),
        ("wrong = { none = true }", 'wrong = { how_often = ["never"] }', "criteria[3]", "names 'never'"),
        ("wrong = { none = true }", 'wrong = { any_of = ["mri"] }', "criteria[3]", "'mri' is not one"),
        ("up to {answer} from", "up to {amount} from", "criteria[1] volume_per_site_ml sentences", "has {amount}"),
        ("up to {answer} from", "up to {answer.low} from", "criteria[1]", "has {answer.low}"),
        ("up to {answer} from", "up to {answer!r} from", "criteria[1]", "has {answer!r}"),
        ("up to {answer} from", "up to {answer:>9} from", "criteria[1]", "has {answer:>9}"),
        ("up to {answer} from", "up to {answer from", "criteria[1]", "brace that is not closed"),
        ("up to {answer} from", "some from", "criteria[1]", "does not say the answer"),
        ("{answer} {how_often}.", "{answer}.", "criteria[3]", "put {how_often} in it"),
        ("The rule is {right_at_most} mL", "The rule is {right_at_least} mL", "criteria[1]", "has {right_at_least}"),
        ('strength = "strong"', 'strength = "proven"', "criteria[1]", "strength must be one of"),
        ('stance = "against"', 'stance = "contra"', "citations[5]", "stance must be one of"),
        ('doi = "10.1007/s00264', 'doi = "https://doi.org/10.1007/s00264', "citations[1]", "doi begins with 10."),
        ('why = "The first', 'because = "The first', "criteria[1]", "why is missing"),
        ('times = "distinct_sites"', 'times = "places"', "checks total_volume", "'places' is not asked anywhere"),
        ('times = "distinct_sites"', 'times = "total_volume_ml"', "checks total_volume", "must be a count"),
        ('times = "distinct_sites"', 'times = "procedures_per_year"', "checks total_volume", "can be 0"),
        ('question = "imaging_guidance"', 'question = "anticoagulant"', "checks imaging_method", "not ask how often"),
        ('question = "crest_part", values = ["posterior"', 'question = "crest_part", values = ["left"',
         "checks crest_and_another_bone", "'left' is not one of the options"),
        ('question = "crest_part", values', 'question = "total_volume_ml", values', "checks crest", "must be a choice"),
        ('kind = "never_together"', 'kind = "never"', "checks[3]", "kind must be one of"),
        ("{most} at most.", "{all} at most.", "checks[1]", "has {all}"),
    ],
)  # fmt: skip
def test_the_guard_names_the_fault_and_its_place(old, new, where, sentence):
    found = faults(changed(old, new))
    assert any(where in fault and sentence in fault for fault in found), found


def test_all_faults_are_listed_at_once():
    text = changed("valid_months = 12", "valid_months = 0").replace('why = "Small', 'way = "Small', 1)
    found = faults(text.replace('right = ["posterior_iliac_crest"', 'right = ["hip"', 1))
    assert len(found) == 4
    assert [fault.split(":")[0] for fault in found[1:]] == [
        "criteria[2] distinct_sites", "criteria[2] distinct_sites", "criteria[4] harvest_bone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "id = ", "criteria = 3", "[source]", 'criteria = ["x"]\ndetails = {}', "source = 1"]
)
def test_what_is_hardly_a_ruleset_is_refused_too(text):
    assert faults(text)


def test_a_folder_names_the_file_of_each_fault(tmp_path):
    with pytest.raises(InvalidRuleset, match="there is no ruleset"):
        Rulesets.read(tmp_path)
    (tmp_path / "other.toml").write_text(TEXT, "utf-8")
    (tmp_path / "broken.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidRuleset) as caught:
        Rulesets.read(tmp_path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["broken.toml", "other.toml"]
    assert "must be called bma-2021.1.toml" in caught.value.faults[1]


@pytest.mark.parametrize("name", ["", "bma-2021", "bma-2021.1.toml", "../bma-2021.1", "BMA-2021.1", "\x00"])
def test_unknown_rules_are_not_found(name):
    with pytest.raises(NotFound):
        bundled_rulesets().load(name)


def test_the_shipped_rules_are_read_once():
    assert bundled_rulesets() is bundled_rulesets()
    assert bundled_rulesets().current is bundled_rulesets().load(bundled_rulesets().current.id)


def test_a_published_file_never_changes():
    """A new threshold, wording or question is a new file: what was signed under this one stays as it was."""
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.toml")}
    assert found == PUBLISHED, "publish changes under a new id, and note its digest here"


def test_nobody_can_change_rules_in_memory(rules):
    with pytest.raises(AttributeError):
        rules.valid_months = 24
    with pytest.raises(AttributeError):
        rules.criteria[0].key = "x"
    rules.as_json()["criteria"].clear()
    assert len(rules.as_json()["criteria"]) == 4


def test_machines_get_the_file_with_its_numbers_filled_in(rules):
    document = json.loads(json.dumps(rules.as_json()))
    assert document["published"] == "2026-11-22"
    assert document["criteria"][0]["limits"] == {"at_least": 0.1, "at_most": 200}
    assert document["criteria"][0]["right_answer"] == "10 mL or less"
    assert document["criteria"][0]["sentences"]["rule"] == "The rule is 10 mL or less."


@pytest.mark.parametrize(
    ("signed", "months", "last"),
    [((2026, 11, 22), 12, (2027, 11, 22)), ((2024, 2, 29), 12, (2025, 2, 28)), ((2026, 12, 31), 2, (2027, 2, 28)),
     ((2026, 1, 31), 1, (2026, 2, 28)), ((2026, 12, 1), 1, (2027, 1, 1)), ((2023, 2, 28), 12, (2024, 2, 28))],
)  # fmt: skip
def test_an_attestation_is_valid_to_the_same_day(signed, months, last):
    ruleset: Ruleset = parse_ruleset(changed("valid_months = 12", f"valid_months = {months}"))
    moment = datetime.datetime(*signed, 23, 59, 59, tzinfo=datetime.UTC)
    assert ruleset.valid_until(moment) == datetime.datetime(*last, 23, 59, 59, tzinfo=datetime.UTC)
