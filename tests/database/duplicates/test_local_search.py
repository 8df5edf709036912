"""Some listings are compared with those that may be the same provider, in a fixed number of statements."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, get_reviewer, make_listing

from directory.accounts.tables import Account
from directory.duplicates.commands import dismiss_pair, find_duplicates
from directory.duplicates.local_search import check_changed, find_for
from directory.duplicates.tables import DuplicatePair
from directory.listings.tables import Listing


def pairs(session: Session) -> set[tuple[int, int]]:
    return {(one, other) for one, other in session.execute(sa.select(DuplicatePair.one_id, DuplicatePair.other_id))}


def make_twins(session: Session, provider: Account, name: str) -> tuple[int, int]:
    one, other = (make_listing(session, provider, name=name, npi=None) for _ in range(2))
    return one.id, other.id


def test_it_finds_what_the_comparison_of_all_finds_for_these_listings_and_no_other_pair(
    session: Session, provider: Account
) -> None:
    twins, others = (make_twins(session, provider, name) for name in ("Zelda Quimby", "Ferris Oakhollow"))
    assert find_for(session, [twins[0]], now=NOW) == 1
    assert pairs(session) == {twins}
    find_duplicates(session, now=NOW)
    assert pairs(session) >= {twins, others}


def test_a_dismissed_pair_is_never_asked_about_again(session: Session, provider: Account) -> None:
    twins = make_twins(session, provider, "Zelda Quimby")
    find_for(session, twins, now=NOW)
    pair = session.scalars(sa.select(DuplicatePair)).one()
    dismiss_pair(session, pair, by=get_reviewer(session).actor, now=NOW)
    assert find_for(session, twins, now=NOW) == 0
    assert pair.dismissed_at is not None


def test_what_changes_after_the_first_check_is_compared(session: Session, provider: Account) -> None:
    one, other = make_twins(session, provider, "Zelda Quimby")
    assert check_changed(session, now=NOW + timedelta(days=1)) == 0
    assert pairs(session) == set()
    session.execute(sa.update(Listing).where(Listing.id == one).values(updated_at=NOW + timedelta(days=2)))
    assert check_changed(session, now=NOW + timedelta(days=1)) == 1
    assert pairs(session) == {(one, other)}


def test_the_number_of_statements_does_not_grow_with_the_listings(session: Session, provider: Account) -> None:
    def count(ids: list[int]) -> int:
        told: list[str] = []
        sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *facts: told.append(facts[2]))
        find_for(session, ids, now=NOW)
        return len(told)

    few = make_twins(session, provider, "Zelda Quimby")
    first = count(list(few))
    many = [each for number in range(10) for each in make_twins(session, provider, f"Ann{number} Quimby")]
    session.flush()
    assert count(many) <= first + 2
