"""The rules as data: every page about them is made from the file, and a new file needs no code."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases
from support.factories import MATCHING_ANSWERS, make_attestation, make_listing
from support.page_text import visible_text

from directory.accounts.tables import Account
from directory.certification import ruleset as rulesets_module
from directory.certification.ruleset import Ruleset, Rulesets, bundled_rulesets, parse_ruleset
from directory.config import Settings

FIFTH = """
[[criteria]]
key = "waiting_minutes"
kind = "count"
short = "Minutes of rest"
unit = "minutes"
limits = { at_least = 0, at_most = 600 }
right = { at_least = 20 }
wrong = { at_most = 5 }
question = "How many minutes does the patient rest?"
patient_question = "How long will I rest after it?"
right_answer = "{right_at_least} minutes or more"
wrong_answer = "{wrong_at_most} minutes or less"
why = "Resting lets somebody see how you are."
strength = "weak"
strength_text = "This rule is made up for a test."

[criteria.sentences]
says = "They let you rest for {answer}."
says_range = "They let you rest for {answer}."
not_stated = "They do not say how long you rest."
rule = "The rule is {right_at_least} minutes or more."

[[criteria.citations]]
authors = "Nobody N"
title = "A study that was never done"
reference = "J Imaginary Studies 2026"
stance = "against"
finding = "Nothing was found, because nothing was looked for."

"""


@pytest.fixture(scope="module")
def five_criteria() -> Ruleset:
    """The shipped rules with one more, as a newer version of tomorrow."""
    folder = Path(rulesets_module.__file__).parent / "rulesets"
    text = (folder / f"{bundled_rulesets().current.id}.toml").read_text(encoding="utf-8")
    head, details, tail = text.partition("[[details]]")
    made = parse_ruleset(head + FIFTH + details + tail)
    return replace(made, id="bma-9999.1", title="Rules of tomorrow")


@pytest.fixture
def five_criteria_rulesets(five_criteria: Ruleset) -> Rulesets:
    return Rulesets((five_criteria, *bundled_rulesets().newest_first))


@pytest.fixture
def five_criteria_client(settings: Settings, five_criteria_rulesets: Rulesets) -> Iterator[FlaskClient]:
    """A browser of the same directory under the newer rules."""
    with databases.create_application(settings, five_criteria_rulesets) as app:
        app.testing = True
        yield app.test_client()


def test_a_fifth_rule_is_on_every_page_and_no_code_knew_of_it(
    five_criteria_client: FlaskClient, session: Session, provider: Account, five_criteria_rulesets: Rulesets
) -> None:
    listing = make_listing(session, provider, rulesets=five_criteria_rulesets)
    make_attestation(
        session, listing, answers=MATCHING_ANSWERS | {"waiting_minutes": 3}, rulesets=five_criteria_rulesets
    )
    session.commit()
    for address in ("/", "/questions", "/rules"):
        said = visible_text(five_criteria_client.get(address))
        for text in ("How long will I rest after it?", "20 minutes or more", "5 minutes or less"):
            assert text in said, address
        assert "five questions" in said.lower(), address
    said = visible_text(five_criteria_client.get("/rules"))
    for text in ("Resting lets somebody see", "made up for a test", "Nothing was found, because", "never done"):
        assert text in said
    said = visible_text(five_criteria_client.get(f"/providers/{listing.slug}"))
    assert "They let you rest for 3 minutes. The rule is 20 minutes or more." in said
    assert said.count("Does not match") == 1
    assert "No badge. 1 of 5 answers does not match." in visible_text(five_criteria_client.get("/providers?near=80021"))


def test_what_was_signed_under_older_rules_is_held_against_those(
    five_criteria_client: FlaskClient, session: Session, provider: Account, five_criteria_rulesets: Rulesets
) -> None:
    listing = make_listing(session, provider, rulesets=five_criteria_rulesets)
    make_attestation(session, listing, rulesets=five_criteria_rulesets, ruleset_id=bundled_rulesets().current.id)
    session.commit()
    said = visible_text(five_criteria_client.get(f"/providers/{listing.slug}"))
    assert "All 4 answers match" in said
    assert "How long will I rest" not in said


def test_older_rules_stay_readable_and_say_that_they_are_older(five_criteria_client: FlaskClient) -> None:
    older = bundled_rulesets().current
    page = five_criteria_client.get(f"/rules/{older.id}")
    assert page.status_code == 200
    said = visible_text(page)
    assert "These are older rules." in said
    assert "How long will I rest" not in said
    assert f'href="/rules/{older.id}"' in five_criteria_client.get("/rules").text


def test_every_rule_stands_with_its_reason_and_the_evidence_for_and_against(client: FlaskClient) -> None:
    said = visible_text(client.get("/rules"))
    for criterion in bundled_rulesets().current.criteria:
        texts = [criterion.patient_question, criterion.right_answer, criterion.wrong_answer, criterion.why]
        texts += [criterion.strength_text, *(citation.finding for citation in criterion.citations)]
        for text in texts:
            assert " ".join(text.split()) in said
    assert "Studies for this rule" in said
    assert "Studies that do not fit this rule" in said


def test_who_wrote_the_rules_and_what_they_gain_is_said(client: FlaskClient) -> None:
    source = bundled_rulesets().current.source
    for address in ("/rules", "/questions"):
        assert source.credit in visible_text(client.get(address)), address
    assert source.note in visible_text(client.get("/rules"))
    assert f'href="{source.url}"' in client.get("/rules").text


def test_the_card_has_room_for_every_answer(client: FlaskClient) -> None:
    assert visible_text(client.get("/questions")).count("Their answer:") == len(bundled_rulesets().current.criteria)


def test_the_first_page_says_what_this_is_and_lets_one_search(client: FlaskClient) -> None:
    page = client.get("/")
    said = visible_text(page)
    assert "providers tell how they do it and sign their answers" in said
    assert all(criterion.patient_question in said for criterion in bundled_rulesets().current.criteria)
    assert 'action="/providers"' in page.text
    assert 'name="near"' in page.text


def test_the_rules_say_what_changed_since_the_version_before(two_rulesets_client: FlaskClient) -> None:
    said = visible_text(two_rulesets_client.get("/rules"))
    assert "What changed from bma-2021.1 to bma-2027.1" in said
    assert "How fast will you pull the plunger? Question Not asked Right: Fast. Wrong: Slow." in said
    assert "spot in my bone marrow? Right 10 mL or less 5 mL or less" in said


def test_the_first_version_changed_nothing(two_rulesets_client: FlaskClient, client: FlaskClient) -> None:
    assert "What changed" not in visible_text(two_rulesets_client.get("/rules/bma-2021.1"))
    assert "All versions" not in visible_text(client.get("/rules"))


def test_the_card_follows_the_appointment(client: FlaskClient, two_rulesets_client: FlaskClient) -> None:
    asked = ["Which bone", "Will you use imaging", "How many distinct spots", "How much volume"]
    said = visible_text(client.get("/questions"))
    assert [said.index(question) for question in asked] == sorted(said.index(question) for question in asked)
    said = visible_text(two_rulesets_client.get("/questions"))
    assert said.index("Which bone") < said.index("How fast will you pull") < said.index("Will you use imaging")
