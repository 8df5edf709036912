"""What an import leaves alone: what providers and reviewers decided, and what the registry gave up."""

from datetime import date

import pytest
import sqlalchemy as sa
from support.factories import NOW, get_reviewer, make_listing
from support.import_results import (
    CREATED,
    PUBLISHED,
    READ,
    SUSPENDED,
    UPDATED,
    dump_tables,
    get_listing,
    parse_report,
    read_rejected_rows,
)
from support.nppes_files import deactivated_row, npi, person_row, secondary_address_row

from directory.accounts.policy import Right
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.claims.managers import release_listing
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing, ListingManager, ListingMove
from directory.outbox.tables import Email
from directory.review.case_kinds import ItemKind
from directory.review.case_tables import ReviewItem
from directory.review.commands import decide_listing
from directory.review.digest import queue_digest


def _give(session, listing_id, account):
    """Make the account the owner of a listing, in SQL: the session may be in the middle of a flush."""
    row = {"account_id": account.id, "right": Right.OWNER, "since": NOW, "by_id": account.id}
    session.execute(sa.insert(ListingManager).values(listing_id=listing_id.scalar_subquery(), **row))


def test_what_a_provider_keeps_is_never_touched(import_rows, session, provider, settings):
    make_listing(session, provider, npi=npi(1))
    import_rows(person_row(2))
    _give(session, sa.select(Listing.id).where(Listing.npi == npi(2)), provider)
    session.commit()
    before = dump_tables(session)
    import_rows(
        person_row(1),
        person_row(2, last="OTHER"),
        second=[secondary_address_row(1), secondary_address_row(2)],
    )
    assert dump_tables(session) == before
    reasons = [row[3] for row in read_rejected_rows(settings)]
    assert reasons == [
        "the provider keeps this listing themselves",
        "the provider keeps this listing themselves",
        "the provider keeps this listing themselves",
        "the provider keeps this listing themselves",
    ]


def test_a_listing_that_its_provider_left_is_not_overwritten(import_rows, session, provider, settings):
    import_rows(person_row())
    _give(session, sa.select(Listing.id), provider)
    session.commit()
    release_listing(session, get_listing(session), provider.id, by=None, now=NOW, reason="Left.")
    session.commit()
    before = dump_tables(session)
    import_rows(person_row(last="OTHER", updated="01/01/2026"))
    assert dump_tables(session) == before
    assert [row[3] for row in read_rejected_rows(settings)] == ["the provider keeps this listing themselves"]


def test_a_deactivated_npi_suspends_the_listing_of_a_provider_too_and_tells_them(import_rows, session, provider):
    make_listing(session, provider, npi=npi(1))
    assert parse_report(import_rows(deactivated_row())) == {READ: 1, SUSPENDED: 1}
    listing = get_listing(session)
    assert (listing.state, listing.source_updated) == (ListingState.SUSPENDED, None)
    [mail] = session.scalars(sa.select(Email).where(Email.body.contains("deactivated in NPPES"))).all()
    assert mail.to == provider.email
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions[-2:] == ["listing.suspend", "import.batch"]
    before = dump_tables(session)
    import_rows(deactivated_row(), person_row(updated="01/01/2030"))
    assert dump_tables(session) == before


def deactivated_npis(session):
    """The NPIs of the listings that wait because of a deactivation."""
    session.commit()
    waiting = sa.select(Listing.npi).join(ReviewItem, ReviewItem.listing_id == Listing.id)
    return session.scalars(waiting.where(ReviewItem.kind == ItemKind.DEACTIVATED).order_by(Listing.id)).all()


def test_the_list_of_deactivated_npis_suspends_and_makes_cases(run_command, import_rows, session, find_all, tmp_path):
    import_rows(person_row(1), person_row(2), person_row(3))
    path = tmp_path / "deactivated.csv"
    days = {1: "06/13/2025", 2: "2025-06-13", 9: "06/13/2025"}
    rows = "".join(f"{npi(number)},{day}\n" for number, day in days.items())
    path.write_text(f"NPPES Deactivated NPI Report\nNPI,NPPES Deactivation Date\n{rows}1234567890,06/13/2025\n")
    assert parse_report(run_command("import", "nppes", str(path))) == {
        READ: 4, SUSPENDED: 2, "rows skipped: the NPI is deactivated": 1, "rows rejected: the NPI is not valid": 1,
    }  # fmt: skip
    assert deactivated_npis(session) == [npi(1), npi(2)]
    assert queue_digest(session, get_reviewer(session).id, now=NOW)
    assert "because their NPI was deactivated: 2" in session.scalars(sa.select(Email)).one().body
    session.rollback()
    assert len(find_all()) == 1
    before = dump_tables(session)
    run_command("import", "nppes", str(path))
    assert dump_tables(session) == before
    row, reviewer = get_listing(session, 1), get_reviewer(session).actor
    decide_listing(session, row, Move.REINSTATE, by=reviewer, now=NOW, rulesets=bundled_rulesets())
    assert deactivated_npis(session) == [npi(2)]


def test_a_listing_that_a_reviewer_published_again_stays_so(import_rows, session):
    import_rows(person_row())
    import_rows(deactivated_row())
    row, reviewer = get_listing(session), get_reviewer(session).actor
    decide_listing(session, row, Move.REINSTATE, by=reviewer, now=NOW, rulesets=bundled_rulesets())
    session.commit()
    before = dump_tables(session)
    found = parse_report(import_rows(deactivated_row(), person_row()))
    assert dump_tables(session) == before
    assert "rows skipped: the NPI is deactivated, but a reviewer published this listing again since" in found


def test_a_deactivated_npi_suspends_its_published_listing_and_leaves_the_index(import_rows, session, find_all):
    import_rows(person_row())
    assert parse_report(import_rows(deactivated_row())) == {READ: 1, SUSPENDED: 1}
    assert get_listing(session).state is ListingState.SUSPENDED
    assert find_all() == []
    assert parse_report(import_rows(deactivated_row())) == {READ: 1, "rows skipped: the NPI is deactivated": 1}


def test_a_deactivated_npi_is_not_listed_by_an_older_row_in_whatever_order_they_come(import_rows, session):
    import_rows(deactivated_row(1), person_row(1), person_row(2), deactivated_row(2))
    assert get_listing(session, 1) is None
    assert get_listing(session, 2).state is ListingState.SUSPENDED
    before = dump_tables(session)
    import_rows(person_row(2), options=("--publish", "--all"))
    import_rows(deactivated_row(1), person_row(1), person_row(2), deactivated_row(2))
    assert dump_tables(session) == before


def test_an_npi_that_was_deactivated_in_one_run_is_not_listed_by_an_older_file_in_the_next(import_rows, session):
    import_rows(deactivated_row(1), deactivated_row(2))
    before = dump_tables(session)
    found = parse_report(import_rows(person_row(1), person_row(2, updated=""), deactivated_row(1)))
    assert found["rows skipped: the NPI was deactivated since"] == 2
    assert dump_tables(session) == before
    import_rows(person_row(1, off="06/13/2025", on="06/20/2025", updated="06/20/2025"))
    assert get_listing(session).state is ListingState.PUBLISHED
    before = dump_tables(session)
    import_rows(deactivated_row(1), deactivated_row(2))
    assert dump_tables(session) == before


def test_a_draft_whose_npi_is_deactivated_stays_a_draft(import_rows, session):
    import_rows(person_row(), deactivated_row(), options=())
    assert get_listing(session).state is ListingState.DRAFT


def test_an_old_deactivation_does_not_retire_what_is_newer(import_rows, session):
    import_rows(person_row(on="06/20/2025", off="06/13/2025", updated="06/20/2025"))
    assert parse_report(import_rows(deactivated_row())) == {
        READ: 1,
        "rows skipped: an older row than what is known already": 1,
    }
    assert get_listing(session).state is ListingState.PUBLISHED


def test_an_npi_that_is_taken_up_again_is_published_again(import_rows, session, find_all):
    import_rows(person_row())
    import_rows(deactivated_row())
    again = person_row(off="06/13/2025", on="06/20/2025", updated="06/20/2025")
    assert parse_report(import_rows(again)) == {READ: 1, UPDATED: 1, PUBLISHED: 1}
    assert get_listing(session).state is ListingState.PUBLISHED
    assert len(find_all()) == 1
    before = dump_tables(session)
    import_rows(deactivated_row(), person_row(), again)
    assert dump_tables(session) == before


def test_an_npi_that_is_given_up_and_taken_up_in_one_file_changes_nothing_the_second_time(import_rows, session):
    rows = [person_row(), deactivated_row(), person_row(off="06/13/2025", on="06/20/2025", updated="06/20/2025")]
    import_rows(*rows)
    assert get_listing(session).state is ListingState.PUBLISHED
    before = dump_tables(session)
    import_rows(*rows)
    assert dump_tables(session) == before


def test_what_a_reviewer_suspended_stays_suspended_though_the_npi_is_taken_up_again(import_rows, session):
    import_rows(person_row())
    row, reviewer = get_listing(session), get_reviewer(session).actor
    decide_listing(session, row, Move.SUSPEND, by=reviewer, now=NOW, rulesets=bundled_rulesets(), reason="Why.")
    session.commit()
    import_rows(deactivated_row(), person_row(off="06/13/2025", on="06/20/2025", updated="06/20/2025"))
    assert get_listing(session).state is ListingState.SUSPENDED


def test_a_draft_whose_npi_was_deactivated_is_not_published_by_an_older_row(import_rows, session):
    import_rows(person_row(), options=())
    import_rows(deactivated_row(), options=())
    before = dump_tables(session)
    import_rows(deactivated_row(), person_row())
    assert dump_tables(session) == before
    assert get_listing(session).state is ListingState.DRAFT


def test_an_npi_whose_listing_an_earlier_version_retired_is_listed_anew_when_taken_up_again(import_rows, session):
    import_rows(person_row())
    [listing_id] = session.scalars(sa.select(Listing.id))
    retired = {"state": ListingState.RETIRED, "source_updated": date(2025, 6, 13)}
    session.execute(sa.update(Listing).values(retired))
    move = {"move": "retire", "from_state": "published", "to_state": "retired", "reason": "", "at": NOW}
    session.execute(sa.insert(ListingMove).values(listing_id=listing_id, comments={}, **move))
    again = person_row(off="06/13/2025", on="06/20/2025", updated="06/20/2025")
    assert parse_report(import_rows(again)) == {READ: 1, CREATED: 1, PUBLISHED: 1}
    assert (get_listing(session).state, get_listing(session).slug) == (
        ListingState.PUBLISHED,
        f"ann-example-{npi(1)}-2",
    )


@pytest.mark.parametrize("move", [Move.RETIRE, Move.REJECT])
def test_what_a_person_took_down_is_not_listed_again(import_rows, session, move, settings):
    import_rows(person_row(), options=() if move is Move.REJECT else ("--publish",))
    row, by = get_listing(session), get_reviewer(session).actor
    if move is Move.REJECT:
        row.state = ListingState.SUBMITTED
        session.flush()
    decide_listing(session, row, move, by=by, now=NOW, rulesets=bundled_rulesets(), reason="They asked us to.")
    session.commit()
    before = dump_tables(session)
    import_rows(person_row(), second=[secondary_address_row()])
    assert dump_tables(session) == before
    assert "somebody here rejected or retired this listing" in read_rejected_rows(settings)[0][3]


def test_a_suspended_listing_is_brought_up_to_date_and_stays_suspended(import_rows, session, find_all):
    import_rows(person_row())
    decide_listing(
        session,
        get_listing(session),
        Move.SUSPEND,
        by=get_reviewer(session).actor,
        now=NOW,
        rulesets=bundled_rulesets(),
        reason="Why.",
    )
    session.commit()
    import_rows(person_row(phone="3035550199"))
    assert (get_listing(session).state, get_listing(session).phone) == (ListingState.SUSPENDED, "3035550199")
    assert find_all() == []


def test_a_provider_who_claims_a_listing_at_that_very_moment_keeps_it(import_rows, session, provider):
    import_rows(person_row())
    claimed = []

    def claim(importing, _context, _instances):
        if not claimed and any(isinstance(row, Listing) for row in importing.dirty):
            claimed.append(True)
            _give(session, sa.select(Listing.id), provider)
            session.execute(sa.update(Listing).values(version=Listing.version + 1))
            session.commit()

    sa.event.listen(sa.orm.Session, "before_flush", claim)
    try:
        found = parse_report(import_rows(person_row(last="OTHER")))
    finally:
        sa.event.remove(sa.orm.Session, "before_flush", claim)
    assert claimed
    assert found == {READ: 1, "rows skipped: the provider keeps this listing themselves": 1}
    assert get_listing(session).name == "Ann Example"
