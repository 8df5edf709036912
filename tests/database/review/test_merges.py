"""Two listings of one provider become one, and are split again as they were."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, get_reviewer, make_account, make_attestation, make_listing

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.duplicates.commands import find_duplicates
from directory.duplicates.queries import merged_into
from directory.duplicates.tables import DuplicatePair, ListingMerge
from directory.errors import Conflict, NotAllowed
from directory.listings.changes import ADDRESSES
from directory.listings.commands import AlreadyListed
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.queries import history
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.merges import merge_pair, undo_merge

NAMES = ("Hazelwick Orthopedic Center, Inc.", "HAZELWICK ORTHOPAEDIC CTR LLC")
NPI = "0000000467"


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER, name="Ada Owner")


@pytest.fixture
def other_owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER, name="Bo Owner", email="bo@example.com")


@pytest.fixture
def make_pair(session: Session, owner: Account, other_owner: Account) -> Callable[..., DuplicatePair]:
    """A pair of listings of one clinic; the second one has an NPI and a website."""

    def make(**changes: object) -> DuplicatePair:
        first = {"kind": ListingKind.CLINIC, "npi": None, "website": "", "name": NAMES[0]}
        second = {**first, "npi": NPI, "website": "https://hazelwick.example", "name": NAMES[1]}
        make_listing(session, owner, **first)
        make_listing(session, other_owner, **{**second, **changes})
        find_duplicates(session, now=NOW)
        (pair,) = session.scalars(sa.select(DuplicatePair))
        return pair

    return make


def merge(session: Session, pair: DuplicatePair, *taken: str) -> ListingMerge:
    return merge_pair(session, pair, keep=pair.one_id, taken=taken, by=get_reviewer(session).actor, now=NOW)


def facts(listing: Listing) -> tuple[object, ...]:
    rights = sorted((row.account_id, row.right) for row in listing.managers)
    streets = [row.line1 for row in listing.locations]
    return listing.name, listing.npi, listing.website, listing.state, rights, streets


def test_a_merge_keeps_what_was_chosen_and_is_undone(
    session: Session, make_pair: Callable[..., DuplicatePair], other_owner: Account
) -> None:
    pair = make_pair()
    kept, other = pair.one, pair.other
    before = facts(kept), facts(other)
    made = merge(session, pair, "npi", "website", ADDRESSES)
    assert (kept.name, kept.npi, kept.website) == (NAMES[0], NPI, "https://hazelwick.example")
    assert [row.line1 for row in kept.locations] == before[0][-1], "the same address in other words is none to add"
    assert kept.right_of(other_owner.id) is Right.OWNER
    assert (other.state, list(other.managers)) == (ListingState.RETIRED, [])
    assert merged_into(session, other.id) is kept
    assert merged_into(session, kept.id) is None
    assert session.scalars(sa.select(DuplicatePair)).all() == []
    assert find_duplicates(session, now=NOW).waiting == 0
    undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)
    assert (facts(kept), facts(other)) == before
    assert merged_into(session, other.id) is None
    assert find_duplicates(session, now=NOW).waiting == 1
    with pytest.raises(Conflict, match="undone already"):
        undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)


def test_other_addresses_are_added_and_go_again(session: Session, make_pair: Callable[..., DuplicatePair]) -> None:
    pair = make_pair()
    kept, other = pair.one, pair.other
    other.locations[0].line1 = "9 Elsewhere Road"
    session.flush()
    streets = [row.line1 for row in kept.locations]
    made = merge(session, pair, ADDRESSES)
    assert [row.line1 for row in kept.locations] == [*streets, "9 Elsewhere Road"]
    undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)
    assert [row.line1 for row in kept.locations] == streets


def test_both_histories_and_the_log_say_so(session: Session, make_pair: Callable[..., DuplicatePair]) -> None:
    pair = make_pair()
    kept, other = pair.one, pair.other
    made = merge(session, pair, "website")
    undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)
    assert [step.move for step in history(session, other.id)][:2] == ["split", "merge"]
    actions = session.execute(sa.select(AuditEntry.action, AuditEntry.object)).all()
    assert {("listing.merge", f"listing:{other.id}"), ("listing.split", f"listing:{other.id}")} <= {
        *map(tuple, actions)
    }
    assert [action for action, target in actions if target == f"listing:{kept.id}"].count("listing.change") == 2
    subjects = session.scalars(sa.select(Email.subject).where(Email.to == "bo@example.com"))
    assert any("is one with another listing now" in subject for subject in subjects)


def test_an_unpublished_import_is_merged_and_comes_back(
    session: Session, make_pair: Callable[..., DuplicatePair]
) -> None:
    pair = make_pair(state=ListingState.DRAFT)
    other = pair.other
    made = merge(session, pair, "npi")
    assert other.state is ListingState.REJECTED
    undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)
    assert (other.state, other.npi) == (ListingState.DRAFT, NPI)


def test_what_changed_since_is_not_overwritten(session: Session, make_pair: Callable[..., DuplicatePair]) -> None:
    pair = make_pair()
    kept = pair.one
    made = merge(session, pair, "website")
    kept.website = "https://new.example"
    session.flush()
    with pytest.raises(Conflict, match="changed in the meantime"):
        undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)


def test_an_npi_that_is_listed_meanwhile_is_not_listed_twice(
    session: Session, make_pair: Callable[..., DuplicatePair], owner: Account
) -> None:
    made = merge(session, make_pair())
    make_listing(session, owner, kind=ListingKind.CLINIC, npi=NPI, name="Cedar Vale Eye Clinic")
    with pytest.raises(AlreadyListed):
        undo_merge(session, made, by=get_reviewer(session).actor, now=NOW)


def test_signed_answers_stay_with_their_listing(session: Session, make_pair: Callable[..., DuplicatePair]) -> None:
    pair = make_pair()
    make_attestation(session, pair.other, answers=MATCHING_ANSWERS)
    with pytest.raises(Conflict, match="signed answers"):
        merge(session, pair)


def test_the_listing_that_stays_is_published(session: Session, make_pair: Callable[..., DuplicatePair]) -> None:
    pair = make_pair(state=ListingState.DRAFT)
    with pytest.raises(Conflict, match="Keep the listing that is published"):
        merge_pair(session, pair, keep=pair.other_id, taken=(), by=get_reviewer(session).actor, now=NOW)


def test_what_was_not_seen_is_not_merged(session: Session, make_pair: Callable[..., DuplicatePair]) -> None:
    pair = make_pair()
    stale = {pair.one_id: pair.one.version, pair.other_id: pair.other.version - 1}
    with pytest.raises(Conflict, match="changed in the meantime"):
        merge_pair(session, pair, keep=pair.one_id, taken=(), versions=stale, by=get_reviewer(session).actor, now=NOW)


def test_who_manages_one_of_them_does_not_decide(
    session: Session, make_pair: Callable[..., DuplicatePair], owner: Account
) -> None:
    pair = make_pair()
    with pytest.raises(NotAllowed):
        merge_pair(session, pair, keep=pair.one_id, taken=(), by=owner.actor, now=NOW)
    made = merge(session, pair)
    with pytest.raises(NotAllowed):
        undo_merge(session, made, by=owner.actor, now=NOW)
