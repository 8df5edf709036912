"""The case page: all that waits for a listing is decided on one page, seen in its email first, and undone."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.dispute_factories import make_dispute
from support.factories import make_address, make_attestation, make_listing, make_place
from support.http_client import Browser
from support.mailbox import emails_to
from support.revision_actions import submitted

from directory import clock
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation, AttestationMove
from directory.geography.point import Point
from directory.listings.address_changes import TypedAddress, documents, typed_documents
from directory.listings.changes import ADDRESSES
from directory.listings.lifecycle import ListingState
from directory.listings.managers import grant_right
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.tables import Listing
from directory.review.decisions import UNDO_WITHIN

CASE = "/console/cases/1"
REPLY = "Two of your answers do not fit together. Please look at them again."


@pytest.fixture
def waiting(session: Session, provider: Account) -> tuple[Listing, Attestation]:
    """A new listing with its answers."""
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    answers = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    session.commit()
    return listing, answers


def states(session: Session, *things: Listing | Attestation) -> list[str]:
    session.expire_all()
    return [thing.state.value for thing in things]


def test_one_press_accepts_everything_and_one_undoes_it(
    as_reviewer: Browser, session: Session, provider: Account, waiting: tuple[Listing, Attestation]
) -> None:
    page = as_reviewer.press(as_reviewer.open(CASE), "Publish all p")
    assert states(session, *waiting) == ["published", "accepted"]
    assert "The mail leaves at" in page.text
    [mail] = [each for each in emails_to(session, provider.email) if "decided" in each.subject]
    assert mail.next_attempt_at > clock.now() + UNDO_WITHIN - timedelta(minutes=1)
    page = as_reviewer.press(page, "Undo u")
    assert page.path == CASE
    assert states(session, *waiting) == ["submitted", "submitted"]
    session.refresh(mail)
    assert mail.cancelled_at is not None
    assert "The mail leaves at" not in page.text


def test_each_part_is_decided_by_itself(
    as_reviewer: Browser, session: Session, waiting: tuple[Listing, Attestation]
) -> None:
    page = as_reviewer.open(CASE)
    values = {"listing-1": "publish", "attestation-1": "return", "replies": REPLY, "comment_harvest_bone": "Which?"}
    as_reviewer.press(page, "Decide as chosen Enter", values)
    assert states(session, *waiting) == ["published", "returned"]
    assert REPLY in as_reviewer.open("/console/attestations/1").text
    move = session.scalars(sa.select(AttestationMove).where(AttestationMove.move == "return")).one()
    assert move.comments == {"harvest_bone": "Which?"}
    assert REPLY not in as_reviewer.open("/console/listings/1").text


def test_what_is_left_for_later_still_waits(
    as_reviewer: Browser, session: Session, waiting: tuple[Listing, Attestation]
) -> None:
    page = as_reviewer.open(CASE)
    as_reviewer.press(page, "Decide as chosen Enter", {"listing-1": "publish", "attestation-1": "later"})
    assert states(session, *waiting) == ["published", "submitted"]
    page = as_reviewer.press(as_reviewer.open(CASE), "Decide as chosen Enter", {"attestation-1": "later"})
    assert page.status == 422
    assert "every part is left for later" in page.text


def test_the_mail_is_shown_before_it_goes_and_nothing_happens(
    as_reviewer: Browser, session: Session, provider: Account, waiting: tuple[Listing, Attestation]
) -> None:
    before = len(emails_to(session, provider.email))
    values = {"listing-1": "publish", "attestation-1": "return", "reason": "Please count again."}
    page = as_reviewer.press(as_reviewer.open(CASE), "See the mail m", values)
    assert page.status == 200
    assert "Please count again." in page.text
    assert f"To {provider.email}" in page.text
    assert states(session, *waiting) == ["submitted", "submitted"]
    assert len(emails_to(session, provider.email)) == before
    as_reviewer.press(page, "Decide as chosen Enter")
    assert states(session, *waiting) == ["published", "returned"]


@pytest.mark.parametrize("press", ["See the mail m", "Return all r"])
def test_without_a_reason_nothing_is_returned_and_nothing_typed_is_lost(
    as_reviewer: Browser, session: Session, waiting: tuple[Listing, Attestation], press: str
) -> None:
    values = {"listing-1": "return", "attestation-1": "later", "comment_distinct_sites": "On both sides?"}
    page = as_reviewer.press(as_reviewer.open(CASE), press, values)
    assert page.status == 422
    assert 'href="#reason"' in page.html
    assert "On both sides?" in page.html
    assert states(session, *waiting) == ["submitted", "submitted"]


def test_a_second_decision_elsewhere_is_a_conflict_and_shows_what_waits_now(
    as_reviewer: Browser, session: Session, waiting: tuple[Listing, Attestation]
) -> None:
    stale = as_reviewer.open(CASE)
    as_reviewer.press(as_reviewer.open(CASE), "Publish all p")
    page = as_reviewer.press(stale, "Return all r", {"reason": "No."})
    assert page.status == 409
    assert "Published" in page.text
    assert "Nothing waits for a decision" in page.text
    assert states(session, *waiting) == ["published", "accepted"]


def test_a_change_shows_its_difference_and_is_published(
    as_reviewer: Browser, session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, practice="A Practice")
    revision = submitted(session, listing, provider, practice="B Practice")
    make_dispute(session, listing, about="entry")
    session.commit()
    page = as_reviewer.open(CASE)
    assert "removed: A" in page.text
    assert "added: B" in page.text
    assert "Decide on this report" in page.text
    as_reviewer.press(page, "Publish p")
    session.expire_all()
    assert (revision.state, listing.practice) == (RevisionState.ACCEPTED, "B Practice")


def test_nobody_decides_on_their_own_listing(
    as_reviewer: Browser, session: Session, reviewer: Account, waiting: tuple[Listing, Attestation]
) -> None:
    stale = as_reviewer.open(CASE)
    grant_right(session, waiting[0], reviewer.id, Right.EDITOR, by=reviewer.actor, now=clock.now())
    session.commit()
    page = as_reviewer.open(CASE)
    assert "somebody else has to decide" in page.text
    assert "Publish all" not in page.text
    assert as_reviewer.press(stale, "Publish all p").status == 403
    assert states(session, *waiting) == ["submitted", "submitted"]


def test_a_case_with_nothing_to_decide_says_so(as_reviewer: Browser, session: Session, provider: Account) -> None:
    make_listing(session, provider)
    session.commit()
    assert "Nothing waits for a decision" in as_reviewer.open(CASE).text
    assert as_reviewer.open("/console/cases/99").status == 404


def test_an_undo_that_comes_too_late_is_a_conflict(
    as_reviewer: Browser, session: Session, waiting: tuple[Listing, Attestation]
) -> None:
    page = as_reviewer.press(as_reviewer.open(CASE), "Publish all p")
    as_reviewer.press(page, "Undo u")
    assert as_reviewer.press(page, "Undo u").status == 409
    assert states(session, *waiting) == ["submitted", "submitted"]


def test_the_map_shows_the_old_and_the_new_point(as_reviewer: Browser, session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    place = make_place(Point(39.9305, -105.0867))
    moved = TypedAddress(listing.locations[0].id, make_address(line1="12 Other Street", place=place))
    submitted(session, listing, provider, **{ADDRESSES: typed_documents(documents(listing), [moved])})
    session.commit()
    page = as_reviewer.open(CASE)
    assert "Now: 403 Summit Boulevard" in page.text
    assert re.search(r"Proposed: 12 Other Street, .*, 0\.\d miles away", page.text)
    assert page.html.count('class="drawing-pin"') == 2


def test_a_reason_that_is_not_offered_is_not_told(
    as_reviewer: Browser, session: Session, waiting: tuple[Listing, Attestation]
) -> None:
    values = {"listing-1": "return", "attestation-1": "later", "replies": "Send us money."}
    page = as_reviewer.press(as_reviewer.open(CASE), "Decide as chosen Enter", values)
    assert page.status == 422
    assert "Send us money." not in page.text
    assert states(session, *waiting) == ["submitted", "submitted"]
