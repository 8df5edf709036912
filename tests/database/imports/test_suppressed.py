"""What was taken down on request is not listed again, and the report of the import says so."""

from support.factories import NOW, get_reviewer
from support.import_results import READ, get_listing, parse_report
from support.nppes_files import person_row

from directory.claims.lifecycle import RemovalMove
from directory.claims.removals import request_removal
from directory.listings.lifecycle import ListingState
from directory.review.removals import decide_removal


def test_a_suppressed_npi_is_skipped_and_counted(import_rows, session):
    import_rows(person_row(), options=("--publish",))
    listing = get_listing(session)
    reviewer = get_reviewer(session).actor
    made = request_removal(session, listing, "I retired.", by=None, now=NOW)
    decide_removal(session, made, RemovalMove.ACCEPT, reason="Confirmed.", by=reviewer, now=NOW)
    session.commit()
    found = parse_report(import_rows(person_row(), options=("--publish",)))
    assert found == {READ: 1, "rows skipped: this listing was taken down on request, and its NPI stays out": 1}
    assert get_listing(session).state is ListingState.RETIRED
