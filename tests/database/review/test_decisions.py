"""A decision is one piece: state, history, search index and mail together, or nothing of it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, make_address, make_attestation, make_listing

from directory import transaction
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.attestations.tables import Attestation, AttestationMove
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing, ListingMove
from directory.outbox.tables import Email
from directory.review import queries
from directory.review.case_kinds import ItemKind, WaitingOn
from directory.review.case_tables import ReviewItem
from directory.review.commands import decide_attestation, decide_listing
from directory.search.tables import search_state


def counts(session: Session) -> list[int]:
    """Rows of everything that a decision writes to, and how many changes the search was told of."""
    tables = (ListingMove, AttestationMove, Email)
    rows = [session.scalars(sa.select(sa.func.count()).select_from(table)).one() for table in tables]
    return [*rows, session.scalars(sa.select(search_state.c.version)).one()]


class Accident(Exception):
    """Something that goes wrong after all was written and before it is committed."""


def cut_off(app: Flask, decide: Callable[[Session], object]) -> None:
    """Decide as a view does, and break before the commit."""
    with app.app_context(), transaction.atomic() as writing:
        decide(writing)
        raise Accident


def on_entry(session: Session, listing_id: int, move: Move, by: Account) -> None:
    listing = session.get_one(Listing, listing_id)
    decide_listing(session, listing, move, by=by.actor, now=NOW, rulesets=bundled_rulesets(), reason="For a test.")


def on_answers(session: Session, attestation_id: int, move: AttestationTransition, by: Account) -> None:
    attestation = session.get_one(Attestation, attestation_id)
    decide_attestation(
        session, attestation, move, by=by.actor, now=NOW, rulesets=bundled_rulesets(), reason="For a test."
    )


def test_a_decision_on_an_entry_that_is_cut_off_leaves_nothing(
    app: Flask, session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    session.commit()
    before, listing_id = counts(session), listing.id
    session.commit()
    with pytest.raises(Accident):
        cut_off(app, lambda writing: on_entry(writing, listing_id, Move.PUBLISH, reviewer))
    assert (listing.state, counts(session)) == (ListingState.SUBMITTED, before)
    on_entry(session, listing_id, Move.PUBLISH, reviewer)
    moves, _, mails, cells = (now > then for now, then in zip(counts(session), before, strict=True))
    assert moves
    assert mails
    assert cells


def test_a_decision_on_answers_that_is_cut_off_leaves_nothing(
    app: Flask, session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider)
    first = make_attestation(session, listing)
    second = make_attestation(session, listing, state=AttestationState.SUBMITTED, answers={})
    session.commit()
    before, confirmed, second_id = counts(session), listing.last_confirmed, second.id
    session.commit()
    with pytest.raises(Accident):
        cut_off(app, lambda writing: on_answers(writing, second_id, AttestationTransition.ACCEPT, reviewer))
    assert (first.state, second.state, listing.last_confirmed) == (
        AttestationState.ACCEPTED,
        AttestationState.SUBMITTED,
        confirmed,
    )
    assert counts(session) == before


def too_late(app: Flask, session: Session, listing_id: int, by: Account) -> None:
    """Look at an entry, let somebody else decide on it, then decide too."""
    with app.app_context(), transaction.atomic() as writing:
        assert writing.get_one(Listing, listing_id).state is ListingState.SUBMITTED
        on_entry(session, listing_id, Move.REJECT, by)
        session.commit()
        on_entry(writing, listing_id, Move.PUBLISH, by)


def test_of_two_reviewers_at_once_the_later_is_told_of_the_other(
    app: Flask, session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    session.commit()
    with pytest.raises(Conflict):
        too_late(app, session, listing.id, reviewer)
    assert listing.state is ListingState.REJECTED


def test_only_what_is_submitted_waits(session: Session, provider: Account) -> None:
    for state in ListingState:
        make_listing(session, provider, state=state)
    for signed in AttestationState:
        make_attestation(session, make_listing(session, provider), state=signed)
    session.commit()
    waiting = session.scalars(sa.select(ReviewItem.kind).where(ReviewItem.waiting_on == WaitingOn.REVIEWER))
    assert sorted(waiting) == [ItemKind.ATTESTATION, ItemKind.LISTING]


def test_entries_are_alike_by_npi_or_by_an_address_however_it_is_written(session: Session, provider: Account) -> None:
    far = make_address(line1="9 Far Road")
    same_npi = make_listing(
        session, provider, name="Ai", npi="1234567893", state=ListingState.RETIRED, addresses=(far,)
    )
    mine = make_listing(session, provider, npi="1234567893", addresses=(make_address(), make_address(line1="2 B St")))
    written = make_address(line1="2 b ST", postal_code="80021-1234")
    same_address = make_listing(session, provider, name="Bo", addresses=(far, written))
    make_listing(session, provider, name="Cy", addresses=(make_address(line1="2 B St", postal_code="80020"),))
    make_listing(session, provider, name="Di", npi="1245319599", addresses=(far,))
    assert list(queries.similar_listings(session, mine)) == [same_npi, same_address]


def test_no_npi_is_not_like_no_npi(session: Session, provider: Account) -> None:
    mine = make_listing(session, provider)
    make_listing(session, provider, addresses=(make_address(line1="9 Far Road"),))
    assert list(queries.similar_listings(session, mine)) == []
