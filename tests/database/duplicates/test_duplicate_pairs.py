"""Pairs of listings that may be the same provider are found, stay found, and are dismissed for good."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, get_reviewer, make_account, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.duplicates.commands import dismiss_pair, find_duplicates, restore_pair
from directory.duplicates.queries import count_waiting_pairs, dismissed_pairs, waiting_pairs
from directory.duplicates.tables import DuplicatePair
from directory.errors import Conflict, NotAllowed
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER)


@pytest.fixture
def twins(session: Session, owner: Account) -> tuple[Listing, Listing]:
    """The same clinic twice, and others that are not."""
    same = [
        make_listing(session, owner, kind=ListingKind.CLINIC, npi=None, name=name, state=state)
        for name, state in (
            ("Hazelwick Orthopedic Center, Inc.", ListingState.PUBLISHED),
            ("HAZELWICK ORTHOPAEDIC CTR LLC", ListingState.DRAFT),
        )
    ]
    make_listing(session, owner, kind=ListingKind.CLINIC, npi=None, name="Fairmont Dental Group")
    make_listing(
        session,
        owner,
        kind=ListingKind.CLINIC,
        npi=None,
        name="Hazelwick Orthopedic Center",
        state=ListingState.REJECTED,
    )
    return same[0], same[1]


def the_pair(session: Session) -> DuplicatePair:
    (pair,) = session.scalars(sa.select(DuplicatePair))
    return pair


def test_a_pair_is_found_once(session: Session, twins: tuple[Listing, Listing]) -> None:
    first = find_duplicates(session, now=NOW)
    assert (first.listings, first.waiting, first.new) == (3, 1, 1)
    pair = the_pair(session)
    assert (pair.one, pair.other) == twins
    assert pair.score > 0
    assert pair.reasons[0] == "Same name, apart from its legal form"
    assert "Same street address" in pair.reasons
    second = find_duplicates(session, now=NOW)
    assert (second.waiting, second.new) == (1, 0)
    assert waiting_pairs(session, page=1, size=25) == [pair]
    assert waiting_pairs(session, page=2, size=25) == []


def test_a_pair_goes_when_a_listing_changes(session: Session, twins: tuple[Listing, Listing]) -> None:
    find_duplicates(session, now=NOW)
    twins[1].name = "Cedar Vale Eye Clinic"
    session.flush()
    assert find_duplicates(session, now=NOW).waiting == 0
    assert count_waiting_pairs(session) == 0


@pytest.mark.usefixtures("twins")
def test_a_dismissed_pair_is_never_asked_about_again(session: Session) -> None:
    find_duplicates(session, now=NOW)
    reviewer = get_reviewer(session).actor
    dismiss_pair(session, the_pair(session), by=reviewer, now=NOW)
    assert find_duplicates(session, now=NOW).waiting == 0
    assert dismissed_pairs(session, limit=5) == [the_pair(session)]
    with pytest.raises(Conflict, match="dismissed already"):
        dismiss_pair(session, the_pair(session), by=reviewer, now=NOW)
    restore_pair(session, the_pair(session), by=reviewer, now=NOW)
    assert count_waiting_pairs(session) == 1
    with pytest.raises(Conflict, match="not dismissed"):
        restore_pair(session, the_pair(session), by=reviewer, now=NOW)
    logged = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action.like("duplicate.%")))
    assert list(logged) == ["duplicate.dismiss", "duplicate.restore"]


@pytest.mark.usefixtures("twins")
def test_who_manages_a_listing_does_not_decide(session: Session, owner: Account) -> None:
    find_duplicates(session, now=NOW)
    with pytest.raises(NotAllowed):
        dismiss_pair(session, the_pair(session), by=owner.actor, now=NOW)


def test_people_with_two_npis_are_two_people(session: Session, owner: Account) -> None:
    for npi in ("0000000012", "0000000020"):
        make_listing(session, owner, kind=ListingKind.PERSON, npi=npi, name="Ada L. Hazelgrove")
    assert find_duplicates(session, now=NOW).waiting == 0
    make_listing(session, owner, kind=ListingKind.PERSON, npi=None, name="Ada Hazelgrove")
    assert find_duplicates(session, now=NOW).waiting == 2


def test_the_command_says_what_it_found(
    run_command: Callable[..., str], session: Session, twins: tuple[Listing, Listing]
) -> None:
    session.commit()
    assert run_command("duplicates", "find") == "Compared 3 listings. Pairs that wait: 1, new ones: 1.\n"
    assert the_pair(session).one_id == twins[0].id
