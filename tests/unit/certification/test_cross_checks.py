"""Answers that cannot all be so are named before signing, and nothing else is."""

import itertools
from decimal import Decimal

import pytest

from directory.certification.answers import NumberRange, answers_from_json, details_from_json
from directory.certification.cross_checks import find_contradictions
from directory.certification.ruleset import bundled_rulesets

RULES = bundled_rulesets().load("bma-2021.1")


def found(answers, details=None):
    read = answers_from_json(RULES, answers, stored=True)
    return find_contradictions(RULES, read, details_from_json(RULES, details or {}))


def keys(answers, details=None):
    return [contradiction.key for contradiction in found(answers, details)]


def total(total, each, times):
    return keys({"volume_per_site_ml": each, "distinct_sites": times}, {"total_volume_ml": total})


@pytest.mark.parametrize(
    ("all_of_it", "each", "times", "contradicts"),
    [(60, 10, 6, False), (60.1, 10, 6, True), (10, 10, 6, False), (9.9, 10, 6, True),
     ([50, 100], 10, 6, False), ([61, 100], 10, 6, True), ([1, 9.9], 10, 6, True), ([1, 10], 10, 6, False),
     (60, [5, 10], [4, 6], False), (60.1, [5, 10], [4, 6], True), (5, [5, 10], [4, 6], False), (4.9, [5, 10], 6, True),
     (10, 10, 1, False), (11, 10, 1, True), (60, 10, None, False), (9, 10, None, True),
     (None, 10, 6, False), (2000, None, 6, False), (2000, None, None, False)],
)  # fmt: skip
def test_the_total_lies_between_one_place_and_all_places(all_of_it, each, times, contradicts):
    assert total(all_of_it, each, times) == (["total_volume"] if contradicts else [])


def test_ranges_contradict_only_if_nothing_in_them_fits():
    """Against every number in every small range, tried one by one."""
    ranges = list(itertools.combinations_with_replacement(range(1, 7), 2))
    for each, times, sum_ in itertools.product(ranges, ranges, ranges):
        fits = any(
            volume <= amount <= count * volume
            for volume in range(each[0], each[1] + 1)
            for count in range(times[0], times[1] + 1)
            for amount in range(sum_[0], sum_[1] + 1)
        )
        answers = {"volume_per_site_ml": _span(each), "distinct_sites": _span(times)}
        assert (find_contradictions(RULES, answers, {"total_volume_ml": _span(sum_)}) == ()) == fits, (
            each,
            times,
            sum_,
        )


def _span(ends):
    return NumberRange(Decimal(ends[0]), Decimal(ends[1]))


def test_the_sentence_says_what_does_not_fit():
    (too_large,) = found({"volume_per_site_ml": [5, 10], "distinct_sites": 6}, {"total_volume_ml": 120})
    assert too_large.sentence == ("You say 120 mL in all, but 6 places with 5 to 10 mL from each make 60 mL at most.")
    (too_small,) = found({"volume_per_site_ml": 10}, {"total_volume_ml": 5})
    assert too_small.sentence == ("You say 5 mL in all, but 10 mL from one place: the total cannot be less than that.")


@pytest.mark.parametrize("how_often", ["always", "sometimes"])
def test_imaging_that_is_used_needs_a_method(how_often):
    (contradiction,) = found({"imaging_guidance": {"methods": [], "how_often": how_often}})
    assert contradiction.key == "imaging_method"
    assert how_often in contradiction.sentence
    assert found({"imaging_guidance": {"methods": ["ct"], "how_often": how_often}}) == ()


@pytest.mark.parametrize("answers", [{}, {"imaging_guidance": None}, {"imaging_guidance": {"methods": []}}])
def test_imaging_left_out_or_never_used_needs_none(answers):
    assert found(answers) == ()


def test_every_bone_with_and_without_a_part_of_the_crest():
    for option in RULES.question("harvest_bone").options:
        for part in (None, "posterior", "anterior"):
            expected = ["crest_and_another_bone"] if part and not option.value.endswith("iliac_crest") else []
            assert keys({"harvest_bone": option.value}, {"crest_part": part}) == expected
    (contradiction,) = found({"harvest_bone": "tibia"}, {"crest_part": "posterior"})
    assert contradiction.sentence == (
        "You name a part of the iliac crest (the back of the hip bone), but another bone: the shin bone."
    )


def test_all_contradictions_are_found_at_once():
    answers = {
        "volume_per_site_ml": 10,
        "imaging_guidance": {"methods": [], "how_often": "always"},
        "harvest_bone": "tibia",
    }
    assert keys(answers, {"total_volume_ml": 5, "crest_part": "anterior"}) == [check.key for check in RULES.checks]


def test_what_is_unanswered_contradicts_nothing():
    assert found({}, {}) == ()
