"""Rolling newer rules out: the dry run counts everybody and changes nothing, and each owner is told once."""

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing
from support.two_rulesets import (
    FIRST,
    MATCHING_IN_BOTH,
    SECOND,
    both_versions,
    first_version_text,
    second_version,
    second_version_text,
)

from directory.attestations.grade_comparison import BadgeChange, compare_attestations
from directory.attestations.lifecycle import AttestationState
from directory.attestations.rollout import queue_announcements
from directory.attestations.tables import Attestation, AttestationMove, SentNotice
from directory.certification.ruleset import Rulesets, bundled_rulesets, parse_ruleset
from directory.cli.rollout import escape_formula
from directory.database import Base
from directory.listings.lifecycle import ListingState
from directory.outbox.tables import Email

HOME = "https://directory.example"
FORMULA = '=HYPERLINK("https://evil.example","Ann")'


@pytest.fixture
def second_file(tmp_path: Path) -> str:
    """The second version without its new question, so that badges can be kept and lost."""
    text = second_version_text(supersedes_after=None)
    head, _, rest = text.partition('\n[[criteria]]\nkey = "draw_speed"')
    path = tmp_path / "second.toml"
    path.write_text(f"{head}\n[[details]]{rest.partition('[[details]]')[2]}", "utf-8")
    return str(path)


@pytest.fixture
def looser_ruleset_file(tmp_path: Path) -> str:
    """The first version with a wider threshold, so that a badge can be gained."""
    text = first_version_text().replace(f'id = "{FIRST}"', 'id = "bma-2028.1"', 1)
    path = tmp_path / "wider.toml"
    path.write_text(text.replace("right = { at_most = 10 }", "right = { at_most = 20 }", 1), "utf-8")
    return str(path)


@pytest.fixture
def rollout_listings(session, provider):
    """One listing for each fate under a threshold of 5 mL, and all who do not count."""
    volumes = {"keeps": 4, "loses": 8, "has none": 15, FORMULA: 6}
    for name, volume in volumes.items():
        listing = make_listing(session, provider, name=name)
        make_attestation(session, listing, answers={**MATCHING_ANSWERS, "volume_per_site_ml": volume})
    for state in (
        AttestationState.DRAFT,
        AttestationState.SUBMITTED,
        AttestationState.RETURNED,
        AttestationState.WITHDRAWN,
        AttestationState.REVOKED,
    ):
        make_attestation(session, make_listing(session, provider), state=state)
    make_attestation(session, make_listing(session, provider), now=NOW.replace(year=2024))
    hidden = make_listing(session, provider)
    make_attestation(session, hidden)
    hidden.state = ListingState.SUSPENDED
    session.commit()


def everything(session):
    session.rollback()
    return {table.name: sorted(map(repr, session.execute(sa.select(table)))) for table in Base.metadata.sorted_tables}


@pytest.mark.usefixtures("rollout_listings")
def test_a_dry_run_says_who_keeps_and_loses_and_changes_nothing(run_command, session, second_file):
    before = everything(session)
    lines = run_command("rules", "compare", FIRST, second_file).splitlines()
    assert lines == [
        f"4 attestations count today. By {SECOND}, held against {FIRST}:",
        "           0  would gain the badge",
        "           1  would keep the badge",
        "           2  would lose the badge",
        "           1  have none, and would get none",
        "Those who would lose it do not match, or have not stated:",
        "           2  Amount from one place",
    ]
    assert everything(session) == before


@pytest.mark.usefixtures("rollout_listings")
def test_a_wider_rule_gives_badges(run_command, looser_ruleset_file):
    output = run_command("rules", "compare", FIRST, looser_ruleset_file)
    assert "1  would gain the badge\n           3  would keep the badge\n           0  would lose" in output


@pytest.mark.usefixtures("rollout_listings")
def test_two_drafts_can_be_compared_and_say_that_nobody_signed_them(run_command, second_file, looser_ruleset_file):
    output = run_command("rules", "compare", looser_ruleset_file, second_file)
    assert "4 attestations count today." in output
    assert "4 of them were signed under other rules than bma-2028.1." in output


@pytest.mark.usefixtures("rollout_listings")
def test_the_file_has_a_line_for_each_and_no_formula(run_command, second_file, tmp_path):
    path = tmp_path / "who.csv"
    run_command("rules", "compare", FIRST, second_file, "--csv", str(path))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"]: row["badge"] for row in rows} == {
        "keeps": "keeps", "loses": "loses", "has none": "has none", f"'{FORMULA}": "loses",
    }  # fmt: skip
    assert {row["signed_under"] for row in rows} == {FIRST}
    losing = next(row for row in rows if row["name"] == "loses")
    assert (losing["before"], losing["after"], losing["not_matched"]) == ("right", "between", "volume_per_site_ml")
    assert (losing["signed_on"], losing["counts_until"]) == ("2026-11-22", "2027-11-22")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_as_a_formula_does(start):
    assert escape_formula(f"{start}1+1") == f"'{start}1+1"
    assert escape_formula(f"1{start}1") == f"1{start}1"


def test_a_new_question_is_not_stated_by_anybody(run_command, session, provider, tmp_path):
    make_attestation(session, make_listing(session, provider), answers=MATCHING_IN_BOTH)
    session.commit()
    path = tmp_path / "two.toml"
    path.write_text(second_version_text(), "utf-8")
    output = run_command("rules", "compare", FIRST, str(path))
    assert "1  would lose the badge" in output
    assert output.splitlines()[-1] == "           1  Speed of the pull"


@pytest.mark.parametrize(
    ("old", "text", "sentence"),
    [
        ("bma-1999.1", second_version_text(), "Error: There are no published rules by that name."),
        (FIRST, "id = 1", "two.toml: "),
        (FIRST, "\xff = [", "two.toml: "),
    ],
)
def test_rules_that_cannot_be_used_are_refused_in_a_sentence(run_command, tmp_path, old, text, sentence):
    path = tmp_path / "two.toml"
    path.write_text(text, "utf-8")
    assert sentence in run_command("rules", "compare", old, str(path), code=1)


def test_a_file_that_is_not_there_is_told(run_command, tmp_path):
    assert "No such file" in run_command("rules", "compare", FIRST, str(tmp_path / "none.toml"), code=1)


def test_a_run_is_the_same_as_grading_one_by_one(session, provider):
    rows = [make_attestation(session, make_listing(session, provider), answers=given) for given in ODD_ANSWERS]
    found = list(
        compare_attestations(
            session, bundled_rulesets().load(FIRST), second_version(), rulesets=both_versions(), now=NOW
        )
    )
    assert [row.public_id for row in found] == [row.public_id for row in rows]
    assert [row.verdict.outcome for row in found] == [
        BadgeChange.LOSES,
        BadgeChange.HAS_NONE,
        BadgeChange.HAS_NONE,
        BadgeChange.LOSES,
    ]
    assert found[1].verdict.missed == tuple(c.key for c in second_version().criteria)
    assert {row.counts_until.date() for row in found} == {second_version().supersedes_after}


ODD_ANSWERS = ({**MATCHING_ANSWERS}, {}, {"harvest_bone": "tibia"}, {**MATCHING_ANSWERS})


def told(session, now=NOW, limit=100, rulesets=None):
    """Who is told in one run, by address."""
    before = session.scalar(sa.select(sa.func.max(Email.id))) or 0
    rules = rulesets or both_versions()
    count = queue_announcements(session, rules.current, rulesets=rules, home=HOME, now=now, limit=limit)
    session.commit()
    letters = session.scalars(sa.select(Email).where(Email.id > before).order_by(Email.id)).all()
    assert len(letters) == count
    return letters


@pytest.mark.usefixtures("rollout_listings")
def test_each_owner_of_what_counts_is_told_once_and_so_many_a_run(session):
    assert [len(told(session, limit=3)) for _ in range(3)] == [3, 1, 0]
    assert session.scalar(sa.select(sa.func.count()).select_from(SentNotice)) == 4


def test_who_signed_under_the_newer_rules_is_not_told(session, provider):
    answers = {**MATCHING_IN_BOTH, "draw_speed": "fast"}
    make_attestation(session, make_listing(session, provider), answers=answers, rulesets=both_versions())
    assert told(session) == []


def test_nobody_is_told_after_the_end(session, provider):
    make_attestation(session, make_listing(session, provider))
    assert told(session, now=NOW.replace(year=2027, month=4, day=2)) == []


def test_the_letter_says_what_is_new_until_when_the_old_counts_and_what_is_missing(session, provider):
    listing = make_listing(session, provider)
    make_attestation(session, listing)
    (letter,) = told(session)
    body = " ".join(letter.body.split())
    assert letter.to == provider.email
    assert letter.subject == f"New rules for {listing.name}: {second_version().title}"
    assert "counts until April 01, 2027, when the new rules take the place of the older ones." in body
    assert "Right: 10 mL or less → 5 mL or less" in body
    assert "How fast will you pull the plunger?" in body
    assert "would not match in: Amount from one place; Speed of the pull." in body
    assert f"{HOME}/rules/{SECOND}" in body
    assert letter.action_path == f"{HOME}/portal/listings/{listing.id}/attestation"


def test_answers_that_match_anyway_are_told_so(session, provider):
    text = first_version_text().replace(f'id = "{FIRST}"', 'id = "bma-2028.1"', 1)
    same = parse_ruleset(text.replace("published = 2026-11-22", "published = 2028-01-01", 1))
    rules = Rulesets((same, bundled_rulesets().load(FIRST)))
    make_attestation(session, make_listing(session, provider))
    (letter,) = told(session, rulesets=rules)
    assert "Your last answers match the new rules as well." in " ".join(letter.body.split())
    assert "take the place" not in letter.body


def test_an_announcement_moves_nothing(session, provider):
    make_attestation(session, make_listing(session, provider))
    tables = (Attestation, AttestationMove)
    before = [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]
    told(session)
    assert [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables] == before


def test_the_command_tells_nobody_where_there_are_no_older_rules(run_command, session, provider):
    make_attestation(session, make_listing(session, provider))
    session.commit()
    assert run_command("rules", "announce", FIRST) == "Everybody concerned has been told.\n"
    assert "There are no published rules" in run_command("rules", "announce", SECOND, code=1)
