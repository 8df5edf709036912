"""What the page behind a badge promises: what the answers are worth now, whatever became of them, and no more."""

import hashlib
import itertools
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, get_reviewer, make_attestation, make_listing
from support.page_text import visible_text
from support.two_rulesets import MATCHING_IN_SECOND

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.badges.verification import VerificationStatus, verification_status
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.listings.lifecycle import ListingState, Move
from directory.review.commands import decide_listing

PRIVATE = sorted(
    set(AttestationState) - {AttestationState.ACCEPTED, AttestationState.SUPERSEDED, AttestationState.REVOKED}
)
HIDDEN = (ListingState.DRAFT, ListingState.SUBMITTED)
HIDDEN_WITH_ANSWERS = (ListingState.SUBMITTED,)
"""The hidden states in which answers can be accepted."""
SAID = {
    VerificationStatus.VALID: "This badge counts today.",
    VerificationStatus.EXPIRED: "Their answers ran out in ",
    VerificationStatus.REVOKED: "We took their answers down in ",
    VerificationStatus.SUPERSEDED: "Newer answers took their place.",
    VerificationStatus.SUSPENDED: "This listing is off the map for now.",
    VerificationStatus.RETIRED: "This listing has left the directory.",
}
Sign = Callable[..., Attestation]


@pytest.fixture
def sign(session: Session, provider: Account) -> Sign:
    """Answers of a new listing, in any state, committed."""

    def signed(
        state: AttestationState = AttestationState.ACCEPTED,
        *,
        listed: ListingState = ListingState.PUBLISHED,
        **facts: object,
    ) -> Attestation:
        made = make_listing(session, provider, name="Ann Example", state=listed)
        attestation = make_attestation(session, made, state=state, **({"now": clock.now()} | facts))
        session.commit()
        return attestation

    return signed


def page_of(client: FlaskClient, attestation: Attestation) -> str:
    page = client.get(f"/verify/{attestation.public_id}")
    assert page.status_code == 200
    return visible_text(page)


def take_off(session: Session, attestation: Attestation, move: Move) -> None:
    by = get_reviewer(session).actor
    facts = {"by": by, "now": clock.now(), "rulesets": bundled_rulesets(), "reason": "A secret reason."}
    decide_listing(session, attestation.listing, move, **facts)
    session.commit()


def test_valid_answers_stand_with_all_that_was_signed(client: FlaskClient, sign: Sign) -> None:
    made = sign(details={"procedures_per_year": 120})
    said = page_of(client, made)
    assert SAID[VerificationStatus.VALID] in said
    assert "All 4 answers match" in said
    assert "Answers of Ann Example MD" in said
    assert made.statement in said
    assert "Signed by Ann Example, Medical director" in said
    assert "They take up to 8 mL from each place. The rule is 10 mL or less." in said
    assert "How many a year 120 a year" in said
    for link in (
        "/rules/bma-2021.1",
        f"/credentials/{made.public_id}.jwt",
        "/audit",
        f"/providers/{made.listing.slug}/history",
    ):
        assert f'href="{link}"' in client.get(f"/verify/{made.public_id}").text


def test_what_was_checked_stands_beside_what_was_not(client: FlaskClient, sign: Sign) -> None:
    said = page_of(client, sign())
    checked, _, unchecked = said.partition("What was not checked")
    assert "A person here read the answers." in checked.partition("What was checked")[2]
    for sentence in ("We did not watch the procedure.", "We did not check any medical license."):
        assert sentence in unchecked
    for word in ("verified", "approved", "accredited", "certified provider", "safe", "failed"):
        assert word not in said.lower()


def test_anybody_can_work_out_the_hash_of_what_was_signed(client: FlaskClient, sign: Sign) -> None:
    made = sign(answers=MATCHING_ANSWERS | {"volume_per_site_ml": [2.5, 8]})
    assert made.digest in page_of(client, made)
    whole = client.get(f"/verify/{made.public_id}.json")
    assert whole.mimetype == "application/json"
    assert hashlib.sha256(whole.data).hexdigest() == made.digest
    assert whole.json["statement"] == made.statement
    assert "The hash does not fit." not in page_of(client, made)


def _let_anything_be_changed(session: Session) -> None:
    """As whoever owns the database can: the triggers that keep signed answers as they are go away."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ALTER TABLE attestations DISABLE TRIGGER USER"))
        return
    named = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'attestations'")
    for name in session.scalars(named).all():
        session.execute(sa.text(f"DROP TRIGGER {name}"))


def test_what_was_changed_behind_our_back_is_said_aloud(client: FlaskClient, session: Session, sign: Sign) -> None:
    made = sign()
    _let_anything_be_changed(session)
    session.execute(sa.update(Attestation).values(answers=MATCHING_ANSWERS | {"volume_per_site_ml": 1}))
    session.commit()
    assert "The hash does not fit." in page_of(client, made)
    assert client.get(f"/verify/{made.public_id}.json").status_code == 409


def test_the_name_that_was_signed_for_stays_when_the_entry_is_renamed(
    client: FlaskClient, session: Session, sign: Sign
) -> None:
    made = sign()
    made.listing.name = "Ann Newname"
    session.commit()
    said = page_of(client, made)
    assert "Answers of Ann Newname" in said
    assert "Signed for Ann Example" in said


@pytest.mark.parametrize("state", PRIVATE)
def test_what_nobody_accepted_is_not_found(client: FlaskClient, sign: Sign, state: AttestationState) -> None:
    made = sign(state)
    for address in (f"/verify/{made.public_id}", f"/verify/{made.public_id}.json"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("listed", HIDDEN_WITH_ANSWERS)
def test_answers_of_an_entry_that_was_never_public_are_not_found(
    client: FlaskClient, sign: Sign, listed: ListingState
) -> None:
    assert client.get(f"/verify/{sign(listed=listed).public_id}").status_code == 404


def test_answers_say_that_they_ended_a_second_after_their_last(client: FlaskClient, sign: Sign) -> None:
    ended = sign(now=clock.now() - timedelta(days=366))
    said = page_of(client, ended)
    assert SAID[VerificationStatus.EXPIRED] in said
    assert "All 4 answers match" not in said


def test_revoked_answers_say_so_with_the_day_and_not_the_reason(client: FlaskClient, sign: Sign) -> None:
    said = page_of(client, sign(AttestationState.REVOKED))
    assert SAID[VerificationStatus.REVOKED] in said
    assert f"Revoked {clock.now():%b} {clock.now().day}, {clock.now().year}" in said
    assert "For a test." not in said, "the reason was told to the provider"
    assert "All 4 answers match" not in said


def test_superseded_answers_lead_to_the_newer_ones(client: FlaskClient, session: Session, sign: Sign) -> None:
    older = sign(AttestationState.SUPERSEDED)
    newer = session.query(Attestation).filter_by(listing_id=older.listing_id, state=AttestationState.ACCEPTED).one()
    assert SAID[VerificationStatus.SUPERSEDED] in page_of(client, older)
    assert f'<a href="/verify/{newer.public_id}">' in client.get(f"/verify/{older.public_id}").text
    assert SAID[VerificationStatus.VALID] in page_of(client, newer)


@pytest.mark.parametrize(
    ("move", "is_now"), [(Move.SUSPEND, VerificationStatus.SUSPENDED), (Move.RETIRE, VerificationStatus.RETIRED)]
)
def test_answers_do_not_count_while_their_entry_is_not_listed(
    client: FlaskClient, session: Session, sign: Sign, move: Move, is_now: VerificationStatus
) -> None:
    made = sign()
    take_off(session, made, move)
    said = page_of(client, made)
    assert SAID[is_now] in said
    assert "All 4 answers match" not in said
    assert "A secret reason." not in said
    assert f'href="/providers/{made.listing.slug}"' not in client.get(f"/verify/{made.public_id}").text


@pytest.mark.parametrize("state", [AttestationState.ACCEPTED, AttestationState.REVOKED, AttestationState.SUPERSEDED])
def test_only_what_counts_may_be_found_by_search_engines(
    client: FlaskClient, sign: Sign, state: AttestationState
) -> None:
    page = client.get(f"/verify/{sign(state).public_id}")
    assert ('content="noindex"' in page.text) == (state is not AttestationState.ACCEPTED)


def test_the_page_is_asked_for_again_after_a_minute(client: FlaskClient, session: Session, sign: Sign) -> None:
    made = sign()
    page = client.get(f"/verify/{made.public_id}")
    assert page.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    same = client.get(f"/verify/{made.public_id}", headers={"If-None-Match": page.headers["ETag"]})
    assert same.status_code == 304
    take_off(session, made, Move.SUSPEND)
    changed = client.get(f"/verify/{made.public_id}", headers={"If-None-Match": page.headers["ETag"]})
    assert changed.status_code == 200
    assert SAID[VerificationStatus.SUSPENDED] in visible_text(changed)


def test_nobody_keeps_the_page_past_the_end_of_the_answers(client: FlaskClient, sign: Sign) -> None:
    ending = sign(now=clock.now() - timedelta(days=365) + timedelta(seconds=30))
    kept = client.get(f"/verify/{ending.public_id}").headers["Cache-Control"]
    assert 0 <= int(kept.partition("max-age=")[2].partition(",")[0]) <= 30


def test_answers_stay_held_against_the_rules_they_were_signed_under(
    two_rulesets_client: FlaskClient, sign: Sign, two_rulesets: Rulesets
) -> None:
    older = sign(answers=MATCHING_ANSWERS)  # 8 mL: right for the first version, and too much for the second
    said = page_of(two_rulesets_client, older)
    assert "The rule is 10 mL or less." in said
    assert "All 4 answers match" in said
    assert "plunger" not in said
    newer = sign(answers={**MATCHING_IN_SECOND, "volume_per_site_ml": 8}, rulesets=two_rulesets)
    said = page_of(two_rulesets_client, newer)
    assert "The rule is 5 mL or less." in said
    assert "How fast will you pull the plunger? Matches Fast, in a second or two" in said
    assert 'href="/rules/bma-2027.1"' in two_rulesets_client.get(f"/verify/{newer.public_id}").text


@pytest.mark.parametrize(("signed", "listed"), list(itertools.product(AttestationState, ListingState)))
@pytest.mark.parametrize("is_over", [False, True])
def test_every_state_comes_to_one_answer(signed: AttestationState, listed: ListingState, *, is_over: bool) -> None:
    now = clock.now()
    found = verification_status(signed, now - timedelta(microseconds=is_over), listed, now=now)
    if signed in PRIVATE or listed in {*HIDDEN, ListingState.REJECTED}:
        assert found is None
    elif signed is AttestationState.ACCEPTED and listed is ListingState.PUBLISHED:
        assert found is (VerificationStatus.EXPIRED if is_over else VerificationStatus.VALID)
    else:
        assert found not in {None, VerificationStatus.VALID, VerificationStatus.EXPIRED}
        assert (found is VerificationStatus.REVOKED) == (signed is AttestationState.REVOKED)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=60) | st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
def test_no_name_of_answers_breaks_the_page(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/verify/{quote(name, safe='', errors='surrogatepass')}")
    assert answer.status_code in {404, 308}, answer.text[:300]
