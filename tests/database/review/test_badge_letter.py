"""The email about accepted answers: it holds the code of the badge, and leads to the badge page."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, get_reviewer, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.attestations.lifecycle import AttestationState, Move
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import ListingState
from directory.outbox.message import Letterhead, letter_of, text_part
from directory.outbox.tables import Email
from directory.review.commands import decide_attestation

HEAD = Letterhead("directory@example.org", "", "https://directory.example", "Example Society")


def decided(
    session: Session,
    move: Move,
    *,
    listed: ListingState = ListingState.PUBLISHED,
    answers: dict[str, Any] | None = None,
) -> tuple[Email, str, int]:
    """The email to the owner and its text, and the id of the listing."""
    owner = make_account(session, Role.PROVIDER)
    listing = make_listing(session, owner, name="Seán O’Brien & <Sons>", state=listed)
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED, answers=answers or MATCHING_ANSWERS)
    by = get_reviewer(session).actor
    decide_attestation(session, made, move, by=by, now=NOW, rulesets=bundled_rulesets(), reason="A test.")
    session.flush()
    mail = session.scalars(sa.select(Email).where(Email.letter == "attestation_decided")).one()
    return mail, text_part(letter_of(mail, HEAD)), listing.id


def test_the_email_holds_the_code_of_the_badge(session: Session) -> None:
    mail, text, listing_id = decided(session, Move.ACCEPT)
    (code,) = [line for line in text.splitlines() if line.startswith("<a ")]
    assert code.startswith('<a href="https://directory.example/badges/sean-obrien-sons')
    assert 'height="108" alt="How Seán O’Brien &amp; &lt;Sons&gt; takes bone marrow' in code
    assert "as soon as" not in text
    assert mail.action_path == f"/portal/listings/{listing_id}/badge"


def test_a_listing_that_is_not_public_yet_is_told_when_the_code_works(session: Session) -> None:
    _, text, _ = decided(session, Move.ACCEPT, listed=ListingState.SUBMITTED)
    assert "It works as soon as the listing is published." in " ".join(text.split())


@pytest.mark.parametrize(
    ("move", "answers"), [(Move.RETURN, None), (Move.ACCEPT, {**MATCHING_ANSWERS, "volume_per_site_ml": 60})]
)
def test_without_a_badge_there_is_no_code(session: Session, move: Move, answers: dict[str, Any] | None) -> None:
    mail, text, listing_id = decided(session, move, answers=answers)
    assert "/badges/" not in text
    assert mail.action_path == f"/portal/listings/{listing_id}"
