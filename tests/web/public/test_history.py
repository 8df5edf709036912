"""What the public record promises: every public move with its day and what changed, and any past day as it was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from support.dispute_factories import OUTCOME_LINE, REPORT_TEXT, make_dispute
from support.factories import MATCHING_ANSWERS, get_reviewer, make_account, make_attestation, make_listing
from support.page_text import visible_text
from support.two_rulesets import MATCHING_IN_SECOND

from directory import clock
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.disputes.lifecycle import DisputeState
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingTransition
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing

TODAY = clock.now()
"""One day for all that a test makes, so that midnight cannot come between."""


def days_ago(count: int) -> datetime:
    """Noon of a day that is past."""
    return TODAY.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=count)


def on(count: int) -> str:
    return f"{days_ago(count).date().isoformat()}"


def in_words(count: int) -> str:
    day = days_ago(count)
    return f"{day:%b} {day.day}, {day.year}"


@pytest.fixture
def past_listing(session: Session, provider: Account) -> Listing:
    """Listed 90 days ago, signed with 2 places 80 days ago, off the map from day 60 to 50, and renewed 40 days ago."""
    reviewer = get_reviewer(session).actor
    made = make_listing(session, provider, name="Past Clinic", now=days_ago(90))
    make_attestation(session, made, answers=MATCHING_ANSWERS | {"distinct_sites": 2}, now=days_ago(80))
    facts = {"by": reviewer, "rulesets": bundled_rulesets(), "reason": "A secret reason."}
    decide_listing(session, made, ListingTransition.SUSPEND, now=days_ago(60), **facts)
    decide_listing(session, made, ListingTransition.REINSTATE, now=days_ago(50), **facts)
    renewed = MATCHING_ANSWERS | {"distinct_sites": [6, 8]}
    make_attestation(session, made, answers=renewed, details={"sides": "both"}, now=days_ago(40))
    session.commit()
    return made


@pytest.fixture
def history_text(client: FlaskClient, past_listing: Listing) -> Callable[[str], str]:
    """The words of the record, on a day or in all."""

    def said(query: str = "") -> str:
        answer = client.get(f"/providers/{past_listing.slug}/history{query}")
        assert answer.status_code == 200, visible_text(answer)
        return visible_text(answer)

    return said


def test_every_public_move_stands_there_newest_first(history_text: Callable[..., str]) -> None:
    said = history_text().partition("Every change")[2]
    expected = [
        f"Answers renewed {in_words(40)}",
        f"Answers signed {in_words(40)} · Ann Example, Medical director",
        f"Earlier answers replaced {in_words(40)}",
        f"Back on the map {in_words(50)}",
        f"Off the map for now {in_words(60)}",
        f"Answers accepted {in_words(80)}",
        f"Answers signed {in_words(80)}",
        f"Put in this directory {in_words(90)}",
    ]
    found = [said.index(line) for line in expected]
    assert found == sorted(found)


def test_what_changed_is_said_answer_by_answer(history_text: Callable[..., str]) -> None:
    said = history_text()
    assert "Number of places: 2 places → is now 6 to 8 places" in said
    assert "Sides: No answer → is now Both sides" in said
    assert "Bone:" not in said, "what stayed the same is no news"


def test_reasons_stay_between_the_reviewer_and_the_provider(history_text: Callable[..., str]) -> None:
    assert "A secret reason." not in history_text()


@pytest.mark.parametrize(
    ("day", "sentences"),
    [
        (91, ["This provider was not on the map at the end of that day."]),
        (90, ["No badge. No answers to show yet."]),
        (81, ["No badge. No answers to show yet."]),
        (80, ["No badge. 1 of 4 answers does not match.", "They draw from 2 places."]),
        (61, ["They draw from 2 places."]),
        (60, ["This provider was not on the map at the end of that day."]),
        (51, ["This provider was not on the map at the end of that day."]),
        (50, ["They draw from 2 places."]),
        (41, ["They draw from 2 places."]),
        (40, ["All 4 answers match", "They draw from 6 to 8 places."]),
        (0, ["All 4 answers match", "They draw from 6 to 8 places."]),
    ],
)
def test_any_past_day_is_shown_as_it_was(history_text: Callable[..., str], day: int, sentences: list[str]) -> None:
    said = history_text(f"?on={on(day)}").partition("As it was on")[2].partition("Every change")[0]
    assert said.strip().startswith(in_words(day))
    for sentence in sentences:
        assert sentence in said
    assert ("They draw from 2 places" in said) == ("They draw from 2 places." in sentences)


def test_a_day_of_revoked_answers_still_shows_what_patients_saw(
    client: FlaskClient, session: Session, past_listing: Listing
) -> None:
    counting = session.query(Attestation).filter_by(listing_id=past_listing.id, state=AttestationState.ACCEPTED).one()
    facts = {"by": get_reviewer(session).actor, "now": days_ago(20), "rulesets": bundled_rulesets()}
    decide_attestation(session, counting, AttestationTransition.REVOKE, reason="A secret reason.", **facts)
    session.commit()
    for day, badge in ((21, True), (20, False)):
        said = visible_text(client.get(f"/providers/{past_listing.slug}/history?on={on(day)}"))
        assert ("All 4 answers match" in said) == badge
        assert ("No badge. We took their answers down in " in said) != badge
        assert f"Answers taken down {in_words(20)} They do not count any more." in said
        assert "A secret reason." not in said


def test_an_expired_day_says_so_and_the_end_is_in_the_record(
    client: FlaskClient, session: Session, provider: Account
) -> None:
    made = make_listing(session, provider, now=days_ago(500))
    make_attestation(session, made, now=days_ago(400))
    session.commit()
    said = visible_text(client.get(f"/providers/{made.slug}/history?on={on(10)}"))
    assert "Their answers ran out in" in said.partition("Every change")[0]
    assert "Answers ran out" in said.partition("Every change")[2]
    assert "Their answers ran out" not in visible_text(client.get(f"/providers/{made.slug}/history?on={on(100)}"))


def test_an_answer_to_newer_rules_is_news_and_a_past_day_keeps_its_own(
    two_rulesets_client: FlaskClient, session: Session, past_listing: Listing, two_rulesets: Rulesets
) -> None:
    answers = {**MATCHING_IN_SECOND, "distinct_sites": [6, 8]}
    make_attestation(
        session, past_listing, answers=answers, details={"sides": "both"}, rulesets=two_rulesets, now=clock.now()
    )
    session.commit()
    said = visible_text(two_rulesets_client.get(f"/providers/{past_listing.slug}/history?on={on(30)}"))
    then, _, record = said.partition("Every change")
    assert "The rule is 10 mL or less." in then
    assert "plunger" not in then
    assert "Speed of the pull: Not asked → is now Fast, in a second or two" in record
    today = visible_text(
        two_rulesets_client.get(f"/providers/{past_listing.slug}/history?on={clock.now().date()}")
    ).partition("Every change")[0]
    assert "The rule is 5 mL or less." in today
    assert "How fast will you pull the plunger?" in today


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.REJECTED])
def test_what_was_never_public_has_no_record(
    client: FlaskClient, session: Session, provider: Account, state: ListingState
) -> None:
    made = make_listing(session, provider, state=state)
    session.commit()
    assert client.get(f"/providers/{made.slug}/history").status_code == 404


@pytest.mark.parametrize("state", [ListingState.SUSPENDED, ListingState.RETIRED])
def test_the_record_outlives_the_entry(
    client: FlaskClient, session: Session, provider: Account, state: ListingState
) -> None:
    made = make_listing(session, provider, state=state)
    session.commit()
    page = client.get(f"/providers/{made.slug}/history")
    assert "This provider is not on the map now." in visible_text(page)
    assert 'content="noindex"' in page.text
    assert f'href="/providers/{made.slug}"' not in page.text


@pytest.mark.parametrize(
    "state", [AttestationState.DRAFT, AttestationState.SUBMITTED, AttestationState.RETURNED, AttestationState.WITHDRAWN]
)
def test_answers_that_nobody_accepted_are_nobodys_business(
    client: FlaskClient, session: Session, provider: Account, state: AttestationState
) -> None:
    made = make_listing(session, provider)
    make_attestation(session, made, state=state)
    session.commit()
    said = visible_text(client.get(f"/providers/{made.slug}/history"))
    assert "Answers" not in said.partition("Every change")[2]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-02-30", "must be a date like 2026-05-01"),
        ("yesterday", "must be a date like 2026-05-01"),
        ("20260501", "must be a date like 2026-05-01"),
        ("2026-W01-1", "must be a date like 2026-05-01"),
        ("٢٠٢٦-٠٥-٠١", "must be a date like 2026-05-01"),
        ("0000-01-01", "must be a date like 2026-05-01"),
        ("9999-12-31", "must not be after today"),
        (f"{(datetime.now(UTC) + timedelta(days=2)).date()}", "must not be after today"),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_a_sentence(
    client: FlaskClient, past_listing: Listing, day: str, sentence: str
) -> None:
    page = client.get(f"/providers/{past_listing.slug}/history?on={quote(day)}")
    assert page.status_code == 422
    assert sentence in visible_text(page)
    assert "Put in this directory" in visible_text(page), "the record is there all the same"
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_first_day_of_all_is_only_empty(client: FlaskClient, past_listing: Listing) -> None:
    said = visible_text(client.get(f"/providers/{past_listing.slug}/history?on=0001-01-01"))
    assert "This provider was not on the map at the end of that day." in said


def test_the_record_is_asked_for_again_after_a_minute(client: FlaskClient, past_listing: Listing) -> None:
    page = client.get(f"/providers/{past_listing.slug}/history")
    assert page.headers["Cache-Control"] == "public, max-age=60, must-revalidate"


@pytest.mark.usefixtures("past_listing")
def test_a_listing_of_one_is_no_record_of_another(client: FlaskClient, session: Session) -> None:
    other = make_listing(session, make_account(session, Role.PROVIDER), name="Other Clinic")
    session.commit()
    said = visible_text(client.get(f"/providers/{other.slug}/history"))
    assert "Answers" not in said.partition("Every change")[2]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.text(max_size=20) | st.dates().map(str), max_size=3), slug=st.text(min_size=1, max_size=40))
def test_nothing_that_is_asked_breaks_the_record(
    client: FlaskClient, past_listing: Listing, days: list[str], slug: str
) -> None:
    asked = urlencode([("on", day) for day in days], errors="surrogatepass")
    assert client.get(f"/providers/{past_listing.slug}/history?{asked}").status_code in {200, 422}
    other = client.get(f"/providers/{quote(slug, safe='', errors='surrogatepass')}/history?{asked}")
    assert other.status_code in {404, 308}


@pytest.mark.parametrize(
    ("state", "title"),
    [
        (DisputeState.UPHELD, "A report was right"),
        (DisputeState.NOT_UPHELD, "A report was not borne out"),
        (DisputeState.WITHDRAWN, "A report was taken back"),
    ],
)
def test_how_a_report_ended_is_public_in_one_line(
    client: FlaskClient, session: Session, past_listing: Listing, state: DisputeState, title: str
) -> None:
    make_dispute(session, past_listing, state=state, now=days_ago(5), reply_to="joe@example.com")
    session.commit()
    said = visible_text(client.get(f"/providers/{past_listing.slug}/history"))
    assert f"{title} {in_words(5)} · Amount from one place" in said
    assert OUTCOME_LINE in said
    assert f"A problem was reported {in_words(5)}" in said
    assert ("Answers taken down" in said) == (state is DisputeState.UPHELD)
    for private in (REPORT_TEXT, "joe@example.com"):
        assert private not in said


@pytest.mark.parametrize(
    "state", [DisputeState.REPORTED, DisputeState.OPEN, DisputeState.ANSWERED, DisputeState.DISMISSED]
)
def test_a_report_that_is_not_settled_is_no_part_of_the_record(
    client: FlaskClient, session: Session, past_listing: Listing, state: DisputeState
) -> None:
    before = visible_text(client.get(f"/providers/{past_listing.slug}/history"))
    make_dispute(session, past_listing, state=state, now=days_ago(5))
    session.commit()
    assert visible_text(client.get(f"/providers/{past_listing.slug}/history")) == before
