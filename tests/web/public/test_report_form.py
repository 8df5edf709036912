"""What a patient is promised who says that an answer is wrong: no account, nothing lost, nothing public."""

import itertools
import string
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from support.dispute_factories import REPORT_TEXT
from support.factories import MATCHING_ANSWERS, make_attestation
from support.http_client import Browser, Page

from directory import clock
from directory.disputes.lifecycle import DisputeState
from directory.disputes.tables import Dispute
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

GOOD = {"about": "volume_per_site_ml", "what_happened": REPORT_TEXT}


@pytest.fixture
def listing(add_listing) -> Listing:
    return add_listing("Some Clinic", answers=MATCHING_ANSWERS)


def form_of(visitor: Browser, listed: Listing) -> Page:
    return visitor.open(f"/providers/{listed.slug}/report")


def kept(session: Session) -> list[Dispute]:
    session.expire_all()
    return list(session.scalars(sa.select(Dispute).order_by(Dispute.id)))


def test_every_entry_asks_whether_an_answer_is_wrong(visitor: Browser, add_listing) -> None:
    for made in (add_listing("With Answers", answers=MATCHING_ANSWERS), add_listing("Without")):
        page = visitor.open(f"/providers/{made.slug}")
        assert f'<a href="/providers/{made.slug}/report">Report a problem</a>' in page.html


def test_each_answer_that_is_shown_can_be_named_and_the_entry_itself(visitor: Browser, listing: Listing) -> None:
    page = form_of(visitor, listing)
    for words_of_choice in ("Amount from one place: 8 mL", "Number of places: 5 to 6", "Bone: ", "Something else"):
        assert words_of_choice in page.text
    assert "Do not write names or health details of anybody" in page.text


def test_an_entry_without_answers_can_only_be_wrong_itself(visitor: Browser, session: Session, add_listing) -> None:
    page = form_of(visitor, add_listing("Silent Clinic"))
    assert page.html.count('type="radio"') == 1
    assert visitor.press(page, "Send", GOOD).status == 422
    assert visitor.press(page, "Send", {**GOOD, "about": "entry"}, follow=False).status == 303
    assert [(row.about, row.attestation_id) for row in kept(session)] == [("entry", None)]


def test_a_report_is_kept_for_people_and_shown_to_nobody(visitor: Browser, session: Session, listing: Listing) -> None:
    values = {**GOOD, "happened_on": "2026-03-07", "reply_to": "joe@example.com"}
    thanks = visitor.press(form_of(visitor, listing), "Send", values)
    assert "Thank you for telling us" in thanks.text
    assert "We have your report" in thanks.text
    (row,) = kept(session)
    assert (row.about, row.what_happened, str(row.happened_on)) == (GOOD["about"], REPORT_TEXT, "2026-03-07")
    assert (row.reply_to, row.state, row.listing_id) == ("joe@example.com", DisputeState.REPORTED, listing.id)
    for path in (f"/providers/{listing.slug}", f"/api/v1/providers/{listing.slug}"):
        assert REPORT_TEXT not in visitor.open(path).html
    assert REPORT_TEXT not in thanks.html


def test_who_reports_is_written_down_nowhere(visitor: Browser, session: Session, listing: Listing) -> None:
    form = form_of(visitor, listing).form("Send").fields
    page = visitor.client.post(
        f"/providers/{listing.slug}/report",
        data={**form, **GOOD},
        environ_base={"REMOTE_ADDR": "203.0.113.77"},
        headers={"User-Agent": "Telltale/1"},
    )
    assert page.status_code == 303
    assert "Set-Cookie" not in page.headers
    for table in sa.inspect(session.connection()).get_table_names():
        rows = repr(session.execute(sa.text(f'SELECT * FROM "{table}"')).all())  # noqa: S608  our own tables
        assert "203.0.113.77" not in rows, table
        assert "Telltale" not in rows, table


def test_pressing_twice_is_one_report(visitor: Browser, session: Session, listing: Listing) -> None:
    form = form_of(visitor, listing)
    first, second = (visitor.press(form, "Send", GOOD, follow=False) for _ in range(2))
    assert (first.status, first.location) == (second.status, second.location) == (303, first.location)
    assert len(kept(session)) == 1


REFUSED = [
    ({"about": ""}, "Choose what is wrong"),
    ({"about": "no_such_answer"}, "Choose what is wrong"),
    ({"what_happened": " \n\u200b"}, "Enter what happened."),
    ({"what_happened": "x" * 2001}, "What happened may have at most 2,000 characters; this has 2,001."),
    ({"happened_on": "last week"}, "Write the day as month/day/year"),
    ({"happened_on": "2026-02-30"}, "Write the day as month/day/year"),
    ({"happened_on": "13/01/2026"}, "Write the day as month/day/year"),
    ({"happened_on": "1989-12-31"}, "between January 1, 1990 and today"),
    ({"happened_on": "9999-12-31"}, "between January 1, 1990 and today"),
    ({"reply_to": "joe at example"}, "This is not an email address,"),
    ({"reply_to": f"{'x' * 250}@example.com"}, "at most 254 characters"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED)
def test_what_cannot_be_kept_is_named_and_nothing_typed_is_lost(
    visitor: Browser, session: Session, listing: Listing, change: dict[str, str], sentence: str
) -> None:
    values = {**GOOD, "happened_on": "3/7/2026", "reply_to": "joe@example.com"} | change
    page = visitor.press(form_of(visitor, listing), "Send", values)
    assert page.status == 422
    assert sentence in page.text
    stands = page.form("Send").fields
    names = [name for name in values if name != "about" or values["about"] == GOOD["about"]]
    assert {name: stands[name].strip() for name in names} == {name: values[name].strip() for name in names}
    assert not kept(session)


def test_all_that_is_wrong_is_said_at_once(visitor: Browser, listing: Listing) -> None:
    page = visitor.press(form_of(visitor, listing), "Send", {"reply_to": "nowhere"})
    for sentence in ("Choose what is wrong", "Enter what happened.", "This is not an email address,"):
        assert sentence in page.text


@pytest.mark.parametrize(("days", "status"), [(0, 303), (2, 422)])
def test_a_day_to_come_is_refused_and_today_is_not(visitor: Browser, listing: Listing, days: int, status: int) -> None:
    day = (clock.now() + timedelta(days=days)).date().isoformat()
    page = visitor.press(form_of(visitor, listing), "Send", {**GOOD, "happened_on": day}, follow=False)
    assert page.status == status


def test_marks_that_phones_put_into_text_are_no_fault(visitor: Browser, session: Session, listing: Listing) -> None:
    text = "They\u200b took\u00a0it\r\nall \U0001f468\u200d\U0001f469\u200d\U0001f467."
    assert visitor.press(form_of(visitor, listing), "Send", {**GOOD, "what_happened": text}, follow=False).status == 303
    assert kept(session)[0].what_happened.replace("\r\n", "\n").startswith("They took\u00a0it\nall \U0001f468")


def test_a_robot_falls_into_the_trap_and_a_person_only_presses_again(
    visitor: Browser, session: Session, listing: Listing
) -> None:
    page = visitor.press(form_of(visitor, listing), "Send", {**GOOD, "fax": "555"})
    assert page.status == 422
    assert "If you are a person, press “Send” again." in page.text
    assert not kept(session)
    assert visitor.press(page, "Send", {"about": GOOD["about"]}, follow=False).status == 303
    assert kept(session)[0].what_happened == REPORT_TEXT


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "null"}, 303),
        ({}, 303),
    ],
)
def test_another_site_cannot_make_a_browser_report(
    visitor: Browser, session: Session, listing: Listing, headers: dict[str, str], status: int
) -> None:
    form = form_of(visitor, listing).form("Send").fields
    page = visitor.client.post(f"/providers/{listing.slug}/report", data={**form, **GOOD}, headers=headers)
    assert page.status_code == status
    assert len(kept(session)) == (status == 303)
    if status == 403:
        assert REPORT_TEXT in page.text, "nothing typed is lost"


def test_answers_that_changed_while_somebody_wrote_are_shown_before_they_are_disputed(
    visitor: Browser, session: Session, listing: Listing
) -> None:
    form = form_of(visitor, listing)
    make_attestation(session, listing, answers=MATCHING_ANSWERS | {"volume_per_site_ml": 5}, now=clock.now())
    session.commit()
    page = visitor.press(form, "Send", GOOD)
    assert page.status == 409
    assert "answers changed while you wrote" in page.text
    assert "Amount from one place: 5 mL" in page.text
    assert not kept(session)
    assert visitor.press(page, "Send", {"about": GOOD["about"]}, follow=False).status == 303


@pytest.mark.parametrize("state", set(ListingState) - {ListingState.PUBLISHED})
def test_only_what_is_public_can_be_reported(visitor: Browser, add_listing, state: ListingState) -> None:
    made = add_listing("Hidden Clinic", state=state)
    assert form_of(visitor, made).status == 404
    assert visitor.client.post(f"/providers/{made.slug}/report", data=GOOD).status_code == 404


def test_a_number_belongs_to_one_entry(visitor: Browser, session: Session, listing: Listing, add_listing) -> None:
    other = add_listing("Other Clinic", answers=MATCHING_ANSWERS)
    first = visitor.press(form_of(visitor, listing), "Send", GOOD, follow=False)
    number = first.location.rpartition("/")[2]
    assert visitor.press(form_of(visitor, other), "Send", {**GOOD, "number": number}).status == 409
    assert visitor.open(f"/providers/{other.slug}/report/{number}").status == 404
    assert len(kept(session)) == 1


@pytest.mark.parametrize("number", ["", "x", "0" * 31, "0" * 33, "A" * 32, "\0" * 32])
def test_a_number_that_somebody_made_up_is_not_kept(
    visitor: Browser, session: Session, listing: Listing, number: str
) -> None:
    assert visitor.press(form_of(visitor, listing), "Send", {**GOOD, "number": number}, follow=False).status == 303
    assert kept(session)[0].public_id != number


# ---- anything at all ----

NAMES = ["about", "what_happened", "happened_on", "reply_to", "fax", "number", "answers", "x"]
LIKELY = [
    "entry",
    "volume_per_site_ml",
    REPORT_TEXT,
    "2026-03-07",
    "0000-00-00",
    "٢٠٢٦-٠٣-٠٧",
    "joe@example.com",
    "@",
    "\0",
    "a" * 32,
]
VALUES = st.sampled_from(LIKELY) | st.text(max_size=60) | st.text(string.printable + "\0\u202e\u200b", max_size=200)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=9))
def test_nothing_that_is_posted_breaks_the_form(
    client: FlaskClient, listing: Listing, pairs: list[tuple[str, str]]
) -> None:
    body = urlencode(pairs, errors="surrogatepass")
    kind = "application/x-www-form-urlencoded"
    page = client.post(f"/providers/{listing.slug}/report", data=body, content_type=kind)
    assert page.status_code in {303, 409, 422}, page.text[:300]
    if page.status_code == 422:
        assert "Please correct this first" in page.text


def test_the_examples_reach_every_answer(visitor: Browser, listing: Listing) -> None:
    """Else the property above would hold of a form that refuses everything."""
    stands = form_of(visitor, listing).form("Send").fields["answers"]
    answers = {
        visitor.client.post(
            f"/providers/{listing.slug}/report", data={**GOOD, "answers": shown, "about": about}
        ).status_code
        for shown, about in itertools.product((stands, "other"), ("entry", "nothing"))
    }
    assert answers == {303, 409, 422}
