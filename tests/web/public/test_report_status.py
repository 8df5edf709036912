"""What is promised after a report was sent: limits on how many, and a page for who knows its number."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases, reading_level
from support.dispute_factories import OUTCOME_LINE, REPORT_TEXT, make_dispute, move_dispute
from support.factories import MATCHING_ANSWERS
from support.http_client import Browser
from support.page_text import visible_text
from werkzeug.test import TestResponse

from directory import clock, config
from directory.disputes.lifecycle import DisputeState, Move, Remedy
from directory.disputes.tables import Dispute
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.web.public.report_form import REPORT_STATUSES
from directory.web.support.limits import limiter


@pytest.fixture
def listing(add_listing) -> Listing:
    return add_listing("Some Clinic", answers=MATCHING_ANSWERS)


def kept(session: Session) -> list[Dispute]:
    session.expire_all()
    return list(session.scalars(sa.select(Dispute).order_by(Dispute.id)))


@pytest.fixture
def rate_limited_client(environment: dict[str, str], listing: Listing) -> Iterator[FlaskClient]:  # noqa: ARG001  it must be there
    """A browser of the application with its limits on, counting from nothing."""
    with databases.create_application(config.read(environment | {"BMA_RATE_LIMITS": "1"})) as app:
        with app.app_context():
            limiter.reset()
        yield app.test_client()
        limiter.enabled = False


def _send(client: FlaskClient, slug: str, address: str = "203.0.113.1", **values: str) -> TestResponse:
    form = Browser(client).open(f"/providers/{slug}/report").form("Send").fields
    sent = {**form, "about": "entry", "what_happened": REPORT_TEXT, **values}
    return client.post(f"/providers/{slug}/report", data=sent, environ_base={"REMOTE_ADDR": address})


def test_one_address_reports_a_few_times_and_then_waits_with_its_text(
    rate_limited_client: FlaskClient, session: Session, listing: Listing
) -> None:
    assert {_send(rate_limited_client, listing.slug, what_happened="").status_code for _ in range(9)} == {422}
    assert [_send(rate_limited_client, listing.slug).status_code for _ in range(6)] == [303] * 5 + [429]
    page = _send(rate_limited_client, listing.slug)
    assert "send it again in an hour" in visible_text(page)
    assert REPORT_TEXT in page.text
    assert _send(rate_limited_client, listing.slug, "203.0.113.2").status_code == 303
    assert len(kept(session)) == 6


def test_all_addresses_together_are_limited_too(rate_limited_client: FlaskClient, listing: Listing) -> None:
    many = [_send(rate_limited_client, listing.slug, f"203.0.{n // 200}.{n % 200}").status_code for n in range(301)]
    assert (many.count(303), many[-1]) == (300, 429)


@pytest.mark.parametrize("state", list(DisputeState))
def test_who_knows_the_number_sees_where_it_stands(
    visitor: Browser, session: Session, listing: Listing, state: DisputeState
) -> None:
    made = make_dispute(session, listing, state=state, now=clock.now())
    session.commit()
    page = visitor.open(f"/providers/{listing.slug}/report/{made.public_id}")
    assert page.status == 200
    assert REPORT_STATUSES[state].title in page.text
    assert (OUTCOME_LINE in page.text) is (state in {DisputeState.UPHELD, DisputeState.NOT_UPHELD})
    assert ("Take my report back" in page.html) is (
        state in {DisputeState.REPORTED, DisputeState.OPEN, DisputeState.ANSWERED}
    )
    assert REPORT_TEXT not in page.html
    assert "joe@example.com" not in page.html


@pytest.mark.parametrize("state", [DisputeState.REPORTED, DisputeState.OPEN, DisputeState.ANSWERED])
def test_a_report_can_be_taken_back_while_it_waits(
    visitor: Browser, session: Session, listing: Listing, state: DisputeState
) -> None:
    made = make_dispute(session, listing, state=state, now=clock.now())
    session.commit()
    page = visitor.open(f"/providers/{listing.slug}/report/{made.public_id}")
    assert "The report was taken back" in visitor.press(page, "Take my report back").text
    (row,) = kept(session)
    assert (row.state, row.reply_to) == (DisputeState.WITHDRAWN, "")
    assert visitor.press(page, "Take my report back").status == 409


@pytest.mark.parametrize("number", ["0" * 32, "x", "%00", "A" * 32, "0" * 500])
def test_there_is_nothing_behind_another_number(
    visitor: Browser, session: Session, listing: Listing, number: str
) -> None:
    make_dispute(session, listing)
    session.commit()
    for method in ("get", "post"):
        answer = getattr(visitor.client, method)(f"/providers/{listing.slug}/report/{number}")
        assert answer.status_code == 404


def test_an_entry_that_is_closed_later_still_tells_its_reporter(
    visitor: Browser, session: Session, listing: Listing
) -> None:
    made = make_dispute(session, listing, now=clock.now())
    move_dispute(session, made, Move.DISMISS)
    listing.state = ListingState.RETIRED
    session.commit()
    assert visitor.open(f"/providers/{listing.slug}/report/{made.public_id}").status == 200


@pytest.mark.parametrize("state", list(DisputeState))
def test_what_a_patient_reads_then_is_for_the_sixth_grade(
    visitor: Browser, session: Session, listing: Listing, state: DisputeState
) -> None:
    made = make_dispute(session, listing, state=state, now=clock.now())
    session.commit()
    blocks = reading_level.text_blocks(visitor.open(f"/providers/{listing.slug}/report/{made.public_id}").html)
    assert reading_level.flesch_kincaid_grade(blocks) <= 6, reading_level.hardest_blocks(blocks)


def test_so_is_the_form_that_refuses_everything(visitor: Browser, listing: Listing) -> None:
    values = {"about": "", "happened_on": "never", "reply_to": "x", "fax": ""}
    refused = visitor.press(visitor.open(f"/providers/{listing.slug}/report"), "Send", values)
    assert refused.status == 422
    blocks = reading_level.text_blocks(refused.html)
    assert reading_level.flesch_kincaid_grade(blocks) <= 6, reading_level.hardest_blocks(blocks)


def test_who_reports_a_listing_that_nobody_manages_is_told_that_nobody_can_be_asked(
    visitor: Browser, session: Session, listing: Listing
) -> None:
    assert "They have 14 days to answer." in visitor.open(f"/providers/{listing.slug}/report").text
    dispute = make_dispute(session, listing, now=clock.now(), about="entry")
    listing.managers.clear()
    session.commit()
    form = visitor.open(f"/providers/{listing.slug}/report")
    status = visitor.open(f"/providers/{listing.slug}/report/{dispute.public_id}")
    for page in (form, status):
        assert "14 days" not in page.text
        assert "so we cannot ask them" in page.text
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH, now=clock.now())
    session.commit()
    status = visitor.open(f"/providers/{listing.slug}/report/{dispute.public_id}")
    assert "We could not reach them" in status.text
    assert OUTCOME_LINE in status.text
    history = visitor.open(f"/providers/{listing.slug}/history").text
    for words in ("We could not reach the provider about a report", "nobody could be asked", OUTCOME_LINE):
        assert words in history
