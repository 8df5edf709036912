"""What an owner says anew of a public entry: who may, when, what is kept of it, and that the index follows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.factories import LISTING_MOVES, NOW, get_reviewer, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, NotAllowed
from directory.listings import commands, queries
from directory.listings.digest import listing_digest
from directory.listings.facts import ListingFacts
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing, ListingStatement
from directory.review.commands import decide_attestation, decide_listing
from directory.review.confirmation import confirm_listing
from directory.search.index import SearchIndex

LATER = NOW + timedelta(days=100)
SPANISH = ListingFacts(("en", "es"), accepts_new_patients=False)


def confirm(session: Session, listing: Listing, by: Account, facts: ListingFacts = SPANISH, **how: Any) -> None:
    facts_of_it: dict[str, Any] = {"version": listing.version, "now": LATER}
    confirm_listing(session, listing, facts, by=by.actor, **facts_of_it | how)


def stored(session: Session, listing: Listing) -> tuple[list[str], bool | None, object, int]:
    """What the database holds, and how often it was stated."""
    row = session.execute(
        sa.select(Listing.languages, Listing.accepts_new_patients, Listing.last_confirmed).where(
            Listing.id == listing.id
        )
    ).one()
    return (*row, len(queries.owner_statements(session, listing.id)))


@pytest.mark.parametrize("accepting", [True, False, None])
@pytest.mark.parametrize("spoken", [(), ("en",), ("ase", "hmn", "en")])
def test_what_is_stated_is_kept_as_it_was_said(
    session: Session, provider: Account, accepting: bool | None, spoken: tuple[str, ...]
) -> None:
    listing = make_listing(session, provider, languages=spoken, accepts_new_patients=accepting)
    session.commit()
    assert stored(session, listing) == (sorted(spoken, key=["en", "ase", "hmn"].index), accepting, NOW.date(), 1)


def test_who_submits_an_entry_says_that_it_is_right_that_day(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT, languages=("en",))
    assert stored(session, listing) == (["en"], None, None, 0)
    commands.submit(session, listing, by=provider.actor, now=NOW)
    assert stored(session, listing) == (["en"], None, NOW.date(), 1)


def test_what_is_said_anew_counts_at_once_and_what_was_said_before_stays_on_the_record(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, languages=("en",), accepts_new_patients=True)
    confirm(session, listing, provider)
    session.commit()
    assert stored(session, listing) == (["en", "es"], False, LATER.date(), 2)
    first, second = queries.owner_statements(session, listing.id)
    assert (first.facts, second.facts) == (ListingFacts(("en",), accepts_new_patients=True), SPANISH)
    assert (second.by, second.at) == ("Pat Provider", LATER)
    assert [(change.before, change.after) for change in second.changed] == [
        ("Yes", "No"),
        ("English", "English, Spanish"),
    ]


def test_the_log_tells_who_confirmed_and_that_the_entry_changed(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    before = listing_digest(listing)
    confirm(session, listing, provider)
    last = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert (last.action, last.object) == ("listing.confirm", f"listing:{listing.id}")
    assert (last.before, last.after) == (before, listing_digest(listing))
    assert last.before != last.after


def test_a_confirmation_that_is_sent_twice_on_one_day_is_said_once(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    seen = listing.version
    for _ in range(3):
        confirm(session, listing, provider, version=seen)
    assert stored(session, listing)[-1] == 2
    confirm(session, listing, provider, now=LATER + timedelta(days=1))
    assert stored(session, listing)[-1] == 3


def test_the_day_is_that_of_utc(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    confirm(session, listing, provider, now=datetime(2027, 3, 7, 23, 59, 59, 999_999, tzinfo=UTC))
    assert f"{listing.last_confirmed}" == "2027-03-07"


def test_nobody_confirms_what_is_not_theirs(
    session: Session, provider: Account, other_provider: Account, reviewer: Account, admin: Account
) -> None:
    listing = make_listing(session, provider)
    before = stored(session, listing)
    for account in (other_provider, reviewer, admin):
        with pytest.raises(NotAllowed):
            confirm(session, listing, account)
    assert stored(session, listing) == before


@pytest.mark.parametrize("state", [state for state in LISTING_MOVES if state is not ListingState.PUBLISHED])
def test_only_what_patients_find_can_be_confirmed(session: Session, provider: Account, state: ListingState) -> None:
    listing = make_listing(session, provider, state=state)
    before = stored(session, listing)
    with pytest.raises(Conflict, match=f"This listing is {state.value}"):
        confirm(session, listing, provider)
    assert stored(session, listing) == before


def test_a_confirmation_of_an_older_version_is_refused(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    with pytest.raises(Conflict, match="changed in the meantime"):
        confirm(session, listing, provider, version=listing.version - 1)
    assert stored(session, listing) == ([], None, NOW.date(), 1)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_nobody_rewrites_what_was_stated(session: Session, provider: Account, change: str) -> None:
    make_listing(session, provider)
    session.commit()
    rewriting = sa.update(ListingStatement).values(languages=["ja"])
    with pytest.raises(DBAPIError, match="never changed"):
        session.execute(rewriting if change == "update" else sa.delete(ListingStatement))
    session.rollback()


def test_whoever_stated_something_cannot_be_deleted(session: Session, provider: Account) -> None:
    make_listing(session, provider)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.delete(Account).where(Account.id == provider.id))
    session.rollback()


def test_answers_that_were_signed_before_a_confirmation_do_not_put_it_back(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    signed = make_attestation(session, listing, state=AttestationState.SUBMITTED, now=NOW + timedelta(days=1))
    confirm(session, listing, provider)
    facts: dict[str, Any] = {"now": LATER + timedelta(days=1), "rulesets": bundled_rulesets()}
    decide_attestation(session, signed, AttestationTransition.ACCEPT, by=get_reviewer(session).actor, **facts)
    assert listing.last_confirmed == LATER.date()


def test_the_first_to_speak_of_an_entry_that_nobody_wrote_is_its_owner(session: Session, provider: Account) -> None:
    """An entry from the registry was published by nobody who knows it."""
    listing = make_listing(session, provider, state=ListingState.DRAFT)
    listing.state = ListingState.PUBLISHED
    confirm(session, listing, provider)
    [only] = queries.owner_statements(session, listing.id)
    assert {change.before for change in only.changed} == {"Not stated"}


def test_the_index_follows_in_the_same_transaction(session: Session, provider: Account, index: SearchIndex) -> None:
    listing = make_listing(session, provider, accepts_new_patients=True)
    session.commit()
    confirm(session, listing, provider)
    assert list(index.verify(session)) == []
    session.rollback()
    assert stored(session, listing) == ([], True, NOW.date(), 1)
    assert list(index.verify(session)) == []


def test_the_index_follows_every_way_in_which_a_public_entry_changes(
    session: Session, provider: Account, index: SearchIndex
) -> None:
    listing, by = make_listing(session, provider, languages=("en",)), get_reviewer(session).actor
    how: dict[str, Any] = {"by": by, "now": LATER, "rulesets": bundled_rulesets(), "reason": "For a test."}

    def renew() -> None:
        make_attestation(session, listing, now=LATER)

    def revoke() -> None:
        decide_attestation(session, make_attestation(session, listing, now=LATER), AttestationTransition.REVOKE, **how)

    ways = [
        renew,
        lambda: confirm(session, listing, provider),
        revoke,
        lambda: decide_listing(session, listing, Move.SUSPEND, **how),
        lambda: decide_listing(session, listing, Move.REINSTATE, **how),
        lambda: confirm(session, listing, provider, ListingFacts(), now=LATER + timedelta(days=1)),
        lambda: decide_listing(session, listing, Move.RETIRE, **how),
    ]
    for number, way in enumerate(ways):
        way()
        assert list(index.verify(session)) == [], number


def test_an_account_that_is_no_provider_any_more_confirms_nothing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    provider.roles = make_account(session, Role.REVIEWER).roles
    with pytest.raises(NotAllowed):
        confirm(session, listing, provider)
