"""What reviewers are promised of reports: what waits is counted and marked, both sides stand there, nothing is lost."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from support.corrections import correct
from support.dispute_factories import OUTCOME_LINE, REPORT_TEXT, make_dispute
from support.factories import MATCHING_ANSWERS, make_attestation, make_listing, set_second_factor
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.disputes.lifecycle import DisputeState, Remedy
from directory.disputes.queries import public_outcomes
from directory.listings.tables import Listing
from directory.web.support.state_labels import DISPUTE_LABELS


@pytest.fixture
def attestation(session: Session, provider: Account) -> Attestation:
    listing = make_listing(session, provider, now=clock.now(), name="Some Clinic")
    made = make_attestation(session, listing, answers=MATCHING_ANSWERS, now=clock.now())
    session.commit()
    return made


@pytest.fixture
def listing(attestation: Attestation) -> Listing:
    return attestation.listing


def reported(session: Session, listing: Listing, *, days_ago: int = 0, **changes: object) -> str:
    made = make_dispute(session, listing, now=clock.now() - timedelta(days=days_ago), **changes)
    session.commit()
    return f"/console/disputes/{made.id}"


def test_what_is_open_is_counted_on_every_page(as_reviewer: Browser, session: Session, listing: Listing) -> None:
    for state in DisputeState:
        reported(session, listing, state=state, about="entry", remedy=Remedy.CORRECTED)
    for path in ("/console/", "/console/disputes", "/console/draws"):
        assert "Reports 3" in as_reviewer.open(path).text


@pytest.mark.parametrize(("days", "overdue"), [(13, False), (15, True)])
@pytest.mark.parametrize(
    "state", [DisputeState.REPORTED, DisputeState.OPEN, DisputeState.ANSWERED, DisputeState.NOT_UPHELD]
)
def test_what_waits_for_more_than_fourteen_days_is_marked(
    as_reviewer: Browser, session: Session, listing: Listing, state: DisputeState, days: int, *, overdue: bool
) -> None:
    path = reported(session, listing, days_ago=days, state=state)
    for page in (as_reviewer.open("/console/disputes"), as_reviewer.open(path)):
        assert DISPUTE_LABELS[state] in page.text
        assert ("Overdue" in page.text) is (overdue and state is not DisputeState.NOT_UPHELD)


def test_a_report_stands_beside_what_was_stated(as_reviewer: Browser, session: Session, listing: Listing) -> None:
    page = as_reviewer.open(reported(session, listing))
    for words in (
        REPORT_TEXT,
        "Amount from one place",
        "They take up to 8 mL from each place.",
        "Answers accepted".lower(),
    ):
        assert words in page.text
    assert "joe@example.com" not in page.html, "no reviewer needs it"
    assert page.form("Ask the provider").fields["asked"] == REPORT_TEXT


def test_from_report_to_revoked_answers(
    as_reviewer: Browser, as_provider: Browser, session: Session, attestation: Attestation
) -> None:
    path = reported(session, attestation.listing)
    as_reviewer.press(as_reviewer.open(path), "Ask the provider", {"asked": "Is it 8 mL?"})
    mine = as_provider.open(path.replace("console", "portal"))
    as_provider.press(mine, "Send my answer", {"answer": "Mostly."})
    page = as_reviewer.open(path)
    assert "Mostly." in page.text
    done = as_reviewer.press(page, "Upheld", {"remedy": "revoked", "line": OUTCOME_LINE})
    assert "Some Clinic: upheld." in done.text
    session.expire_all()
    assert attestation.state is AttestationState.REVOKED
    assert [outcome.line for outcome in public_outcomes(session, attestation.listing_id)] == [OUTCOME_LINE]


@pytest.mark.parametrize(
    ("state", "button", "values", "sentence"),
    [
        (DisputeState.REPORTED, "Ask the provider", {"asked": ""}, "Enter what we ask the provider."),
        (DisputeState.REPORTED, "Dismiss", {"reason": "x" * 2001}, "at most 2,000 characters"),
        (DisputeState.ANSWERED, "Upheld", {"line": OUTCOME_LINE}, "revoked, or put right"),
        (DisputeState.ANSWERED, "Upheld", {"line": OUTCOME_LINE, "remedy": "forgiven"}, "revoked, or put right"),
        (DisputeState.ANSWERED, "Not upheld", {"line": "y" * 201}, "at most 200 characters"),
    ],
)
def test_what_is_refused_comes_back_with_all_that_was_typed(
    as_reviewer: Browser,
    session: Session,
    listing: Listing,
    state: DisputeState,
    button: str,
    values: dict[str, str],
    sentence: str,
) -> None:
    page = as_reviewer.press(as_reviewer.open(reported(session, listing, state=state)), button, values)
    assert page.status == 422
    assert sentence in page.text
    kept = page.form(button).fields
    assert {name: kept[name] for name in values if name != "remedy"} == {
        name: value for name, value in values.items() if name != "remedy"
    }


def test_a_conflict_comes_back_with_all_that_was_typed(
    as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    path = reported(session, listing, state=DisputeState.OPEN)
    page = as_reviewer.press(as_reviewer.open(path), "Upheld", {"remedy": "revoked", "line": OUTCOME_LINE})
    assert page.status == 409
    assert "The provider can answer until" in page.text
    kept = page.form("Upheld").fields
    assert (kept["line"], kept["remedy"]) == (OUTCOME_LINE, "revoked")


@pytest.mark.parametrize("move", ["", "answer", "publish", "\0"])
def test_what_no_button_says_is_refused(as_reviewer: Browser, session: Session, listing: Listing, move: str) -> None:
    path = reported(session, listing, state=DisputeState.OPEN)
    token = as_reviewer.open(path).form("Upheld").fields["csrf_token"]
    answer = as_reviewer.client.post(path, data={"csrf_token": token, "move": move})
    assert answer.status_code == 422
    assert "Choose one of the decisions." in answer.text


def test_two_reviewers_do_not_decide_the_same_twice(
    as_reviewer: Browser, as_admin: Browser, session: Session, listing: Listing
) -> None:
    path = reported(session, listing, state=DisputeState.ANSWERED)
    ours, theirs = as_reviewer.open(path), as_admin.open(path)
    assert as_admin.press(theirs, "Withdrawn", {"line": "They wrote that it was a mistake."}).status == 200
    page = as_reviewer.press(ours, "Not upheld", {"line": OUTCOME_LINE})
    assert page.status == 409
    assert "changed in the meantime" in page.text


@pytest.mark.parametrize(
    "state", [DisputeState.UPHELD, DisputeState.NOT_UPHELD, DisputeState.WITHDRAWN, DisputeState.DISMISSED]
)
def test_what_is_closed_can_be_read_and_not_decided_again(
    as_reviewer: Browser, session: Session, listing: Listing, state: DisputeState
) -> None:
    page = as_reviewer.open(reported(session, listing, state=state))
    assert OUTCOME_LINE in page.text
    assert 'name="line"' not in page.html


def test_nobody_decides_on_a_report_about_their_own_entry(
    as_provider: Browser, session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    path = reported(session, listing)
    provider.roles = [*provider.roles, *reviewer.roles]
    set_second_factor(provider)
    session.commit()
    page = as_provider.open(path)
    assert "somebody else has to decide" in page.text
    assert "Ask the provider" not in page.html


def test_there_is_no_report_of_another_number(as_reviewer: Browser) -> None:
    for number in ("1", "0", "2147483648", "x"):
        assert as_reviewer.open(f"/console/disputes/{number}").status == 404


def test_a_report_on_a_listing_that_nobody_manages_is_decided_at_once(
    as_reviewer: Browser, session: Session, listing: Listing, reviewer: Account
) -> None:
    listing.managers.clear()
    path = reported(session, listing, about="entry")
    assert "nobody can be asked" in as_reviewer.open("/console/disputes").text
    page = as_reviewer.open(path)
    for words in ("Nobody can be asked", "no answer can come and no email is sent", "(303) 555-0100"):
        assert words in page.text
    assert "Ask the provider" not in page.html
    assert "14 days" not in page.text
    values = {"remedy": "corrected_by_us", "line": OUTCOME_LINE}
    page = as_reviewer.press(page, "Upheld", values)
    assert page.status == 409
    assert "No reviewer has corrected the listing" in page.text
    correct(session, listing, by=reviewer.actor, now=clock.now(), practice="Another practice")
    session.commit()
    assert as_reviewer.press(page, "Upheld", values).status == 200
    assert "Upheld: corrected by us" in as_reviewer.open(path).text
