"""Several cases are decided at once: each in sight, all or none, and each in the log."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.http_client import Browser, Page

from directory import clock
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.claims.removals import request_removal
from directory.listings.lifecycle import ListingState
from directory.listings.managers import grant_right
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.bulk import MAX_CASES
from directory.review.case_tables import ReviewHold

ACCEPT, RETURN = "Accept or publish them a", "Return them r"


@pytest.fixture
def make_cases(session: Session, provider: Account) -> Callable[..., list[Listing]]:
    """New listings with answers."""

    def make(count: int) -> list[Listing]:
        made = [
            make_listing(session, provider, state=ListingState.SUBMITTED, name=f"Case {number}", now=clock.now())
            for number in range(count)
        ]
        for listing in made:
            make_attestation(session, listing, state=AttestationState.SUBMITTED, now=clock.now())
        session.commit()
        return made

    return make


def open_bulk(browser: Browser, cases: list[Listing], do: str = "accept", more: str = "") -> Page:
    return browser.open(f"/console/bulk?do={do}&" + "&".join(f"case={case.id}" for case in cases) + more)


def items(page: Page, button: str) -> list[str]:
    return page.form(button).fields.getlist("item")


def states(session: Session) -> tuple[list[ListingState], list[AttestationState]]:
    session.expire_all()
    return (
        list(session.scalars(sa.select(Listing.state).order_by(Listing.id))),
        list(session.scalars(sa.select(Attestation.state).order_by(Attestation.id))),
    )


def test_each_row_shows_what_is_decided(as_reviewer: Browser, make_cases: Callable[..., list[Listing]]) -> None:
    cases = make_cases(2)
    page = open_bulk(as_reviewer, cases)
    assert "Accept or publish 2 cases" in page.text
    for words in ("Case 0", "Case 1", "Broomfield, CO", "8 mL", "Matches, badge", "403 Summit Boulevard"):
        assert words in page.text
    assert len(items(page, ACCEPT)) == 4


def test_all_are_accepted_each_with_its_log_entry_and_its_mail(
    as_reviewer: Browser, session: Session, make_cases: Callable[..., list[Listing]]
) -> None:
    page = open_bulk(as_reviewer, make_cases(3), more="&flag=none&page=1")
    page = as_reviewer.press(page, ACCEPT, {"item": items(page, ACCEPT), "note": "All is well."})
    assert page.path == "/console/"
    assert "Accepted 3 cases." in page.text
    assert states(session) == ([ListingState.PUBLISHED] * 3, [AttestationState.ACCEPTED] * 3)
    logged = sa.select(sa.func.count()).where(AuditEntry.action.in_(["listing.publish", "attestation.accept"]))
    assert session.scalar(logged) == 6
    assert session.scalar(sa.select(sa.func.count()).where(Email.letter == "attestation_decided")) == 3


def test_the_filters_of_the_queue_are_kept(as_reviewer: Browser, make_cases: Callable[..., list[Listing]]) -> None:
    page = open_bulk(as_reviewer, make_cases(1), more="&flag=none&kind=listing&q=case&x=y")
    assert 'href="/console/?kind=listing&amp;flag=none&amp;q=case"' in page.html
    page = as_reviewer.press(page, ACCEPT, {"item": items(page, ACCEPT)}, follow=False)
    assert page.location == "/console/?kind=listing&flag=none&q=case"


def test_only_what_is_ticked_is_decided(
    as_reviewer: Browser, session: Session, make_cases: Callable[..., list[Listing]]
) -> None:
    page = open_bulk(as_reviewer, make_cases(2))
    listings = [value for value in items(page, ACCEPT) if value.startswith("listing:")]
    as_reviewer.press(page, ACCEPT, {"item": listings})
    assert states(session) == ([ListingState.PUBLISHED] * 2, [AttestationState.SUBMITTED] * 2)


def test_returning_needs_one_note_which_all_providers_read(
    as_reviewer: Browser, session: Session, make_cases: Callable[..., list[Listing]]
) -> None:
    page = open_bulk(as_reviewer, make_cases(2), do="return")
    chosen = [value for value in items(page, RETURN) if value.startswith("attestation:")]
    page = as_reviewer.press(page, RETURN, {"item": chosen, "note": " "})
    assert page.status == 422
    assert "Give the reason" in page.text
    assert items(page, RETURN) == chosen, "what was not ticked stays so"
    page = as_reviewer.press(page, RETURN, {"item": chosen, "note": "Say more, please."})
    assert "Returned 2 cases." in page.text
    assert states(session) == ([ListingState.SUBMITTED] * 2, [AttestationState.RETURNED] * 2)
    assert all("Say more, please." in mail.body for mail in session.scalars(decided_mails()))


def decided_mails() -> "sa.Select[Email]":
    return sa.select(Email).where(Email.letter == "attestation_decided")


def test_if_one_was_decided_meanwhile_nothing_happens_and_the_page_says_which(
    as_reviewer: Browser, as_admin: Browser, session: Session, make_cases: Callable[..., list[Listing]]
) -> None:
    cases = make_cases(3)
    page = open_bulk(as_reviewer, cases)
    chosen = items(page, ACCEPT)
    as_admin.press(as_admin.open(f"/console/listings/{cases[1].id}"), "Return with the reason", {"reason": "The ZIP."})
    before = states(session)
    session.rollback()
    page = as_reviewer.press(page, ACCEPT, {"item": chosen, "note": "Well."})
    assert page.status == 409
    assert "Nothing was decided" in page.text
    assert page.form(ACCEPT).fields["note"] == "Well."
    assert states(session) == before


def test_a_case_that_changed_is_named(
    as_reviewer: Browser, session: Session, provider: Account, make_cases: Callable[..., list[Listing]]
) -> None:
    cases = make_cases(2)
    page = open_bulk(as_reviewer, cases)
    grant_right(session, cases[1], provider.id, Right.EDITOR, by=None, now=clock.now())
    session.commit()
    page = as_reviewer.press(page, ACCEPT, {"item": items(page, ACCEPT)})
    assert page.status == 409
    assert "because of Case 1" in page.text
    assert states(session)[0] == [ListingState.SUBMITTED] * 2


def test_more_than_25_cases_are_refused(
    as_reviewer: Browser, session: Session, make_cases: Callable[..., list[Listing]]
) -> None:
    page = open_bulk(as_reviewer, make_cases(MAX_CASES + 1))
    page = as_reviewer.press(page, ACCEPT, {"item": items(page, ACCEPT)})
    assert page.status == 422
    assert "Select at most 25 cases. These are 26." in page.text
    assert set(states(session)[0]) == {ListingState.SUBMITTED}


def test_nothing_selected_is_refused_in_words(as_reviewer: Browser, make_cases: Callable[..., list[Listing]]) -> None:
    assert "Nothing is selected" in as_reviewer.open("/console/bulk").text
    page = open_bulk(as_reviewer, make_cases(1))
    page = as_reviewer.press(page, ACCEPT, {"item": []})
    assert page.status == 422
    assert "Select at least one" in page.text


def test_a_case_of_your_own_and_one_with_nothing_to_accept_stay(
    as_reviewer: Browser, session: Session, reviewer: Account, make_cases: Callable[..., list[Listing]]
) -> None:
    own, other = make_cases(2)
    grant_right(session, own, reviewer.id, Right.OWNER, by=None, now=clock.now())
    session.commit()
    page = open_bulk(as_reviewer, [other])
    as_reviewer.press(page, ACCEPT, {"item": items(page, ACCEPT)})
    session.expire_all()
    request_removal(session, other, "I moved.", by=None, now=clock.now())
    session.commit()
    page = open_bulk(as_reviewer, [own, other])
    assert "You manage this listing" in page.text
    assert "This needs a decision of its own. Take down" in page.text
    assert items(page, ACCEPT) == []


def test_deciding_frees_the_cases(
    as_reviewer: Browser, session: Session, make_cases: Callable[..., list[Listing]]
) -> None:
    cases = make_cases(1)
    as_reviewer.open("/console/next")
    page = open_bulk(as_reviewer, cases)
    as_reviewer.press(page, ACCEPT, {"item": items(page, ACCEPT)[:1]})
    session.rollback()
    assert session.scalars(sa.select(ReviewHold)).all() == []
