"""What a patient reads can be read in the sixth grade, and what others read in the eighth: Flesch–Kincaid.

`reading_level` says how it is measured (the CMU Pronouncing Dictionary counts the syllables) and what is left out.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import reading_level
from support.databases import DatabaseFactory
from support.factories import MATCHING_ANSWERS, get_reviewer, make_account, make_attestation, make_listing, sign_in

from directory import clock
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing
from directory.review.commands import decide_listing

SIXTH, EIGHTH = 6.0, 8.0
HARDEST_SIXTH, HARDEST_EIGHTH = 11.0, 13.0
"""Of a single paragraph: an easy page may not hide a hard one in it."""

LONG = 12
"""Words of a block that can be judged alone; of fewer, one long word decides."""

ANSWERS = {
    "right": MATCHING_ANSWERS,
    "wrong": {
        "volume_per_site_ml": 60,
        "distinct_sites": [1, 4],
        "imaging_guidance": {"methods": ["ct", "fluoroscopy"], "how_often": "sometimes"},
        "harvest_bone": "calcaneus",
    },
    "blank": {"harvest_bone": "vertebra"},
}
PATIENTS = [
    "/",
    "/providers",
    "/providers?near=80021",
    "/providers?near=80021&within=0&imaging=mri",
    "/providers?near=Springfield",
    "/providers?near=qqqqqq",
    "/providers/{right}",
    "/providers/{wrong}",
    "/providers/{blank}",
    "/providers/{silent}",
    "/providers/{right}/report",
    "/providers/{renewed}/history?on={day}",
    "/providers/{off}/history?on={day}",
    "/providers/{renewed}/history?on=never",
    "/verify/{verify_right}",
    "/verify/{verify_wrong}",
    "/verify/{verify_old}",
    "/verify/{verify_off}",
    "/check",
    "/check right",
    "/check wrong",
    "/check refused",
    "/compare",
    "/compare?p={right}&p={wrong}&p={silent}&p=nobody",
    "/compare?p={right}&p={wrong}&p={silent}&p={blank}&p={renewed}",
    "/compare?p={right}&p={wrong}&near=80021",
    "/compare?p={right}&p={wrong}&near=qqqqqq",
    "/near",
    "/near/co",
    "/near/ak",
    "/near/co/broomfield",
    "/near/ak/fairbanks",
    "/questions",
    "/nothing-here",
]
OTHERS = ["/rules", "/rules/bma-2021.1", "/audit", "/signin/login"]
NEW_LISTING = f"/portal/listings/new?form={'0' * 32}"
WORKPLACES = {
    Role.PROVIDER: [
        "/portal/",
        NEW_LISTING,
        "/portal/listings/{id}",
        "/portal/listings/{id}/attestation",
        "/signin/second-factor",
    ],
    Role.REVIEWER: ["/console/", "/console/attestations/{waiting}", "/signin/second-factor"],
}
POSTED = {
    "/check right": {"volume_per_site_ml-low": "8", "distinct_sites-low": "6", "harvest_bone-value": "femur"},
    "/check wrong": {"volume_per_site_ml-low": "60", "imaging_guidance-methods": "none", "distinct_sites-low": "1"},
    "/check refused": {"volume_per_site_ml-low": "a lot", "distinct_sites-low": "0"},
}


@pytest.fixture
def database(sqlite_databases: DatabaseFactory) -> Iterator[str]:
    """One kind of database is enough: both give the same words."""
    with sqlite_databases() as url:
        yield url


def _put(session: Session, owner: Account, name: str, answers: dict[str, object] | None, days: int = 30) -> Listing:
    now = clock.now() - timedelta(days=days)
    made = make_listing(session, owner, name=name, now=now)
    if answers is not None:
        make_attestation(session, made, answers=answers, details={"procedures_per_year": 40}, now=now)
    return made


@pytest.fixture
def page_ids(session: Session, provider: Account) -> dict[str, str]:
    """A town with a provider in every state, as names for the addresses."""
    made = {name: _put(session, provider, f"{name} clinic", answers) for name, answers in ANSWERS.items()}
    made["silent"] = _put(session, provider, "silent clinic", None)
    made["renewed"] = _put(session, provider, "renewed clinic", ANSWERS["wrong"], days=500)
    newer = make_attestation(session, made["renewed"], answers=MATCHING_ANSWERS, now=clock.now())
    made["off"] = _put(session, provider, "off clinic", MATCHING_ANSWERS)
    off = {"by": get_reviewer(session).actor, "now": clock.now(), "rulesets": bundled_rulesets(), "reason": "It moved."}
    decide_listing(session, made["off"], Move.SUSPEND, **off)
    waits = make_listing(session, provider, name="waiting clinic", state=ListingState.PUBLISHED)
    waiting = make_attestation(session, waits, state=AttestationState.SUBMITTED, now=clock.now())
    signed = {row.listing_id: row.public_id for row in session.query(Attestation) if row is not newer}
    session.commit()
    names = {name: listing.slug for name, listing in made.items()}
    ids = {"id": str(made["right"].id), "waiting": str(waiting.id), "day": str(clock.now().date() - timedelta(days=2))}
    verify = {"right": "right", "wrong": "wrong", "old": "renewed", "off": "off"}
    return names | ids | {f"verify_{name}": signed[made[which].id] for name, which in verify.items()}


def _page(client: FlaskClient, address: str, at: dict[str, str]) -> list[str]:
    if address in POSTED:
        return reading_level.text_blocks(client.post("/check", data=POSTED[address]).text)
    answer = client.get(address.format(**at))
    assert answer.status_code < 300 or answer.status_code in {404, 422}, address
    return reading_level.text_blocks(answer.text)


def _judge(blocks: list[str], most: float, hardest: float) -> None:
    assert blocks, "a page without words is not easy, it is empty"
    assert reading_level.flesch_kincaid_grade(blocks) <= most, reading_level.hardest_blocks(blocks)
    long = [text for text in blocks if reading_level.count_words(text) >= LONG]
    assert not [text for text in long if reading_level.flesch_kincaid_grade([text]) > hardest], (
        reading_level.hardest_blocks(long)
    )


def test_patients_pages_are_for_the_sixth_grade(client: FlaskClient, page_ids: dict[str, str]) -> None:
    for address in PATIENTS:
        _judge(_page(client, address, page_ids), SIXTH, HARDEST_SIXTH)


def test_other_public_pages_are_for_the_eighth_grade(client: FlaskClient, page_ids: dict[str, str]) -> None:
    for address in OTHERS:
        _judge(_page(client, address, page_ids), EIGHTH, HARDEST_EIGHTH)


@pytest.mark.parametrize("role", WORKPLACES)
def test_the_workplaces_are_for_the_eighth_grade(
    app: Flask, session: Session, provider: Account, page_ids: dict[str, str], role: Role
) -> None:
    who = provider if role is Role.PROVIDER else make_account(session, role)
    session.commit()
    client = sign_in(app.test_client(), who)
    for address in WORKPLACES[role]:
        _judge(_page(client, address, page_ids), EIGHTH, HARDEST_EIGHTH)


# ---- that the measure measures ----

HARD = (
    "The undersigned practitioner hereby represents that the aforementioned technique conforms to applicable "
    "regulations, notwithstanding any contraindication that may subsequently be ascertained by competent authorities."
)


def test_planted_fault_a_lawyers_paragraph_is_caught_among_easy_ones() -> None:
    easy = ["The first small pull is rich in stem cells. A big pull from one place is mostly blood."] * 40
    assert reading_level.flesch_kincaid_grade([HARD]) > 20
    _judge(easy, SIXTH, HARDEST_SIXTH)
    with pytest.raises(AssertionError):
        _judge([*easy, HARD], SIXTH, HARDEST_SIXTH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The formula by hand: 0.39 · words/sentences + 11.8 · syllables/words − 15.59.
        ("The cat sat on the mat.", 0.39 * 6 + 11.8 * 6 / 6 - 15.59),
        ("The doctor takes marrow. It is easy.", 0.39 * 7 / 2 + 11.8 * 10 / 7 - 15.59),
    ],
)
def test_the_grade_is_the_formulas(text: str, expected: float) -> None:
    assert reading_level.flesch_kincaid_grade([text]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("marrow", 2), ("imaging", 3), ("technique", 2), ("doctor’s", 2), ("every", 2), ("fluoroscopy", 4), ("iliac", 3)],
)
def test_syllables_are_counted_as_spoken(word: str, syllables: int) -> None:
    assert reading_level.count_syllables(word) == pytest.approx(syllables, abs=1 if word == "iliac" else 0)


def test_what_is_left_out_is_only_what_is_said_to_be() -> None:
    page = """<p>Not in the main part of it.</p><main><h1>One two three four</h1><p>Label of three</p>
    <p>Names like <b translate="no">Dr Unpronounceable Patronymic</b> are left out here.</p>
    <ul><li>An item <a href="/x">with a link</a> counts.<cite>A Study Nobody Could Simplify</cite></li></ul>
    <details><summary>More</summary><p>What is folded away counts too.</p></details></main>"""
    assert reading_level.text_blocks(page) == [
        "One two three four",
        "Names like are left out here.",
        "An item with a link counts.",
        "What is folded away counts too.",
    ]
