"""Credentials in the database: one for each acceptance, a bit that nobody else ever has, and revoked with its cause."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import NOW, get_reviewer, make_attestation, make_listing
from support.two_rulesets import both_versions

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.badges import commands, queries
from directory.badges.queries import credential_data, displayed_badge
from directory.badges.status_list import LIST_SIZE
from directory.badges.tables import Credential
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.certification.wording import Standing
from directory.errors import Conflict, NotFound
from directory.listings import lifecycle as listing_lifecycle
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing

LATER = NOW + timedelta(days=30)


def revoked_bits(
    session: Session, number: int, *, rulesets: Rulesets | None = None, now: datetime = LATER
) -> list[int]:
    return queries.revoked_indexes(session, number, rulesets=rulesets or bundled_rulesets(), now=now)


def issued(session: Session, attestation: Attestation) -> list[Credential]:
    rows = sa.select(Credential).where(Credential.attestation_id == attestation.id).order_by(Credential.id)
    return list(session.scalars(rows))


def decide(session: Session, listing: Listing, move: listing_lifecycle.Move) -> None:
    by = get_reviewer(session).actor
    decide_listing(session, listing, move, by=by, now=LATER, rulesets=bundled_rulesets(), reason="For a test.")


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


@pytest.mark.parametrize("state", AttestationState)
def test_what_was_accepted_once_has_a_credential_and_nothing_else_has(
    session: Session, listing: Listing, state: AttestationState
) -> None:
    attestation = make_attestation(session, listing, state=state)
    accepted_once = state in {AttestationState.ACCEPTED, AttestationState.SUPERSEDED, AttestationState.REVOKED}
    assert len(issued(session, attestation)) == int(accepted_once)


@pytest.mark.parametrize("state", [state for state in AttestationState if state is not AttestationState.ACCEPTED])
def test_nothing_is_issued_for_what_does_not_count(session: Session, listing: Listing, state: AttestationState) -> None:
    attestation = make_attestation(session, listing, state=state)
    with pytest.raises(Conflict, match="no credential for it"):
        commands.issue(session, attestation, now=NOW)


@pytest.mark.parametrize(
    ("state", "revoked"),
    [(AttestationState.ACCEPTED, False), (AttestationState.REVOKED, True), (AttestationState.SUPERSEDED, True)],
)
def test_the_bit_follows_the_attestation(
    session: Session, listing: Listing, state: AttestationState, revoked: bool
) -> None:
    (credential,) = issued(session, make_attestation(session, listing, state=state))
    assert (credential.status_index in revoked_bits(session, 1)) == revoked


@pytest.mark.parametrize(
    ("move", "revoked"), [(None, False), (listing_lifecycle.Move.SUSPEND, True), (listing_lifecycle.Move.RETIRE, True)]
)
def test_the_bit_follows_the_listing(
    session: Session, listing: Listing, move: listing_lifecycle.Move | None, revoked: bool
) -> None:
    (credential,) = issued(session, make_attestation(session, listing))
    if move is not None:
        decide(session, listing, move)
    assert (credential.status_index in revoked_bits(session, 1)) == revoked


def test_a_listing_that_comes_back_gets_a_new_credential_and_the_old_one_stays_revoked(
    session: Session, listing: Listing
) -> None:
    attestation = make_attestation(session, listing)
    decide(session, listing, listing_lifecycle.Move.SUSPEND)
    decide(session, listing, listing_lifecycle.Move.REINSTATE)
    before, now = issued(session, attestation)
    assert revoked_bits(session, 1) == [before.status_index]
    facts = credential_data(session, attestation.public_id, rulesets=bundled_rulesets())
    assert facts.status_index == now.status_index
    assert (facts.awarded_at, facts.issued_at) == (NOW, LATER)


def test_newer_rules_end_older_credentials_at_the_same_instant_for_everybody(
    session: Session, listing: Listing
) -> None:
    attestation = make_attestation(session, listing)
    (credential,) = issued(session, attestation)
    rulesets = both_versions()
    end = rulesets.superseded_at(attestation.ruleset_id)
    assert end is not None
    assert credential_data(session, attestation.public_id, rulesets=rulesets).valid_until == end
    assert revoked_bits(session, 1, rulesets=rulesets, now=end) == []
    after = end + timedelta(microseconds=1)
    assert revoked_bits(session, 1, rulesets=rulesets, now=after) == [credential.status_index]


def test_what_expired_during_a_suspension_gets_no_new_credential(session: Session, listing: Listing) -> None:
    attestation = make_attestation(session, listing, now=NOW - timedelta(days=360))
    decide(session, listing, listing_lifecycle.Move.SUSPEND)
    decide(session, listing, listing_lifecycle.Move.REINSTATE)
    assert attestation.valid_until is not None
    assert attestation.valid_until < LATER
    assert len(issued(session, attestation)) == 1


def test_no_two_credentials_share_a_bit(session: Session, listing: Listing) -> None:
    (taken,) = issued(session, make_attestation(session, listing))
    row = {"attestation_id": taken.attestation_id, "status_list": 1, "status_index": taken.status_index}
    with pytest.raises(DatabaseError, match=r"uq_credentials|UNIQUE"):
        session.execute(sa.insert(Credential).values(**row, issued_at=NOW))


def test_a_taken_bit_is_drawn_again(session: Session, listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    attestation = make_attestation(session, listing)
    (taken,) = issued(session, attestation)
    free = (taken.status_index + 1) % LIST_SIZE
    draws = iter([taken.status_index, taken.status_index, free])
    monkeypatch.setattr(commands.secrets, "randbelow", lambda _: next(draws))
    assert commands.issue(session, attestation, now=NOW).status_index == free


def test_a_list_that_is_full_is_followed_by_another(
    session: Session, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "FULL_AT", 2)
    attestation = make_attestation(session, listing)
    for _ in range(4):
        commands.issue(session, attestation, now=NOW)
    assert [credential.status_list for credential in issued(session, attestation)] == [1, 1, 2, 2, 3]
    assert len(revoked_bits(session, 1)) == 2
    assert len(revoked_bits(session, 3)) == 0
    with pytest.raises(NotFound):
        revoked_bits(session, 4)


def test_the_first_list_is_there_before_any_credential_is(session: Session) -> None:
    assert revoked_bits(session, 1) == []


@pytest.mark.parametrize("change", ["update", "delete"])
def test_nobody_changes_or_removes_a_credential(session: Session, listing: Listing, change: str) -> None:
    make_attestation(session, listing)
    session.commit()
    statement = sa.update(Credential).values(status_index=1) if change == "update" else sa.delete(Credential)
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(statement)


@pytest.mark.parametrize("state", ListingState)
def test_a_badge_is_shown_for_every_listing_that_was_ever_public(
    session: Session, provider: Account, state: ListingState
) -> None:
    made = make_listing(session, provider, state=state)
    if state in {ListingState.DRAFT, ListingState.SUBMITTED, ListingState.REJECTED}:
        with pytest.raises(NotFound):
            displayed_badge(session, made.slug, rulesets=bundled_rulesets(), now=NOW)
        return
    expected = {
        ListingState.PUBLISHED: Standing.NOT_STATED,
        ListingState.SUSPENDED: Standing.SUSPENDED,
        ListingState.RETIRED: Standing.RETIRED,
    }
    assert displayed_badge(session, made.slug, rulesets=bundled_rulesets(), now=NOW).face.standing is expected[state]


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (AttestationState.DRAFT, Standing.NOT_STATED),
        (AttestationState.SUBMITTED, Standing.NOT_STATED),
        (AttestationState.RETURNED, Standing.NOT_STATED),
        (AttestationState.WITHDRAWN, Standing.NOT_STATED),
        (AttestationState.ACCEPTED, Standing.BADGE),
        (AttestationState.SUPERSEDED, Standing.BADGE),
        (AttestationState.REVOKED, Standing.REVOKED),
    ],
)
def test_a_badge_says_what_became_of_the_answers(
    session: Session, listing: Listing, state: AttestationState, standing: Standing
) -> None:
    make_attestation(session, listing, state=state)
    assert displayed_badge(session, listing.slug, rulesets=bundled_rulesets(), now=NOW).face.standing is standing


def test_a_revoked_attestation_is_forgotten_when_a_later_one_is_accepted(session: Session, listing: Listing) -> None:
    make_attestation(session, listing, state=AttestationState.REVOKED)
    later = make_attestation(session, listing, now=LATER)
    shown = displayed_badge(session, listing.slug, rulesets=bundled_rulesets(), now=LATER)
    assert (shown.face.standing, shown.public_id) == (Standing.BADGE, later.public_id)
    by = get_reviewer(session).actor
    decide_attestation(session, later, Move.REVOKE, by=by, now=LATER, rulesets=bundled_rulesets(), reason="For a test.")
    shown = displayed_badge(session, listing.slug, rulesets=bundled_rulesets(), now=LATER)
    assert (shown.face.standing, shown.public_id) == (Standing.REVOKED, later.public_id)


def test_a_badge_ends_with_its_last_second(session: Session, listing: Listing) -> None:
    until = make_attestation(session, listing).valid_until
    assert until is not None
    for moment, standing in ((until, Standing.BADGE), (until + timedelta(microseconds=1), Standing.EXPIRED)):
        assert displayed_badge(session, listing.slug, rulesets=bundled_rulesets(), now=moment).face.standing is standing


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.REJECTED])
def test_the_credential_of_a_listing_that_was_never_public_is_shown_to_nobody(
    session: Session, provider: Account, state: ListingState
) -> None:
    made = make_listing(session, provider, state=ListingState.SUBMITTED)
    attestation = make_attestation(session, made)
    session.execute(sa.update(Listing).where(Listing.id == made.id).values(state=state))
    with pytest.raises(NotFound):
        queries.credential_data(session, attestation.public_id, rulesets=bundled_rulesets())
