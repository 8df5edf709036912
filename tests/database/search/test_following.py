"""An upgrade that brings newer rules: the index follows them, and nothing else is touched."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from factories import BROOMFIELD, NOW, make_attestation, make_listing
from rulesets_of_two import FIRST, RIGHT_IN_SECOND, two
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.certification.ruleset import Rulesets, shipped
from directory.listings.tables import Listing
from directory.search import index
from directory.search.following import follow
from directory.search.query import Filters, SearchQuery
from directory.search.verifying import verify

ENDS = datetime(2027, 4, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
BADGE = SearchQuery(origin=BROOMFIELD, within_miles=25, filters=Filters(badge=True))


@pytest.fixture
def bearers(session: Session, provider: Account) -> list[Listing]:
    """Two listings with a badge under the first version, written into the index before there was a second."""
    found = [make_listing(session, provider) for _ in range(2)]
    for listing in found:
        make_attestation(session, listing)
    return found


def total(session: Session, now: datetime) -> int:
    return index.find(session, BADGE, now=now).total


def troubles(session: Session, rulesets: Rulesets) -> int:
    return len(list(verify(session, rulesets=rulesets, now=NOW)))


@pytest.mark.usefixtures("bearers")
def test_an_index_that_was_not_told_of_newer_rules_is_found_out_and_then_follows(session: Session) -> None:
    assert troubles(session, two()) > 0
    assert total(session, ENDS + INSTANT) == 2
    assert follow(session, rulesets=two(), now=NOW) == 2
    assert troubles(session, two()) == 0
    assert (total(session, ENDS), total(session, ENDS + INSTANT)) == (2, 0)


@pytest.mark.usefixtures("bearers")
def test_following_twice_does_nothing_the_second_time(session: Session) -> None:
    assert [follow(session, rulesets=two(), now=NOW) for _ in range(3)] == [2, 0, 0]
    assert follow(session, rulesets=shipped(), now=NOW) == 2
    assert total(session, ENDS + INSTANT) == 2
    assert follow(session, rulesets=shipped(), now=NOW) == 0


@pytest.mark.usefixtures("bearers")
def test_an_end_that_is_moved_is_followed(session: Session) -> None:
    follow(session, rulesets=two(), now=NOW)
    later = two(supersedes_after=date(2027, 5, 1))
    assert follow(session, rulesets=later, now=NOW) == 2
    assert total(session, ENDS + INSTANT) == 2


@pytest.mark.usefixtures("bearers")
def test_rules_that_end_nothing_cost_one_statement(session: Session) -> None:
    statements: list[str] = []
    session.flush()
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    assert follow(session, rulesets=shipped(), now=NOW) == 0
    assert follow(session, rulesets=two(supersedes_after=None), now=NOW) == 0
    assert len(statements) == 2


def test_only_listings_under_the_older_rules_are_written_anew(
    session: Session, provider: Account, bearers: list[Listing]
) -> None:
    new = make_listing(session, provider)
    make_attestation(session, new, answers=RIGHT_IN_SECOND, rulesets=two(), now=NOW)
    assert follow(session, rulesets=two(), now=NOW) == len(bearers)
    assert total(session, ENDS + INSTANT) == 1
    assert two().load(FIRST).supersedes_after is None
