"""Renewing in the portal: each earlier answer has its box, and an empty one stops the signature with a sentence."""

import pytest
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_attestation, make_listing
from support.http_client import Browser, FormValues, Page

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation

KEEP, SIGN = "Save and review", "I agree and sign"
SIGNATURE: FormValues = {"signer_name": "Ann Example", "signer_role": "Medical director"}
EVERY_BOX: FormValues = {f"confirm_{key}": "y" for key in MATCHING_ANSWERS}


@pytest.fixture
def review_page(session: Session, provider: Account, as_provider: Browser) -> Page:
    """The page on which accepted answers are signed again, unchanged."""
    listing = make_listing(session, provider)
    make_attestation(session, listing)
    session.commit()
    return as_provider.press(as_provider.open(f"/portal/listings/{listing.id}/attestation"), KEEP)


def test_each_earlier_answer_is_read_out_with_a_box_that_nobody_ticked(review_page: Page) -> None:
    assert "Tick each one that is still so" in review_page.text
    assert review_page.html.count("Amount from one place: this is still so") == 1
    assert review_page.html.count('type="checkbox" value="y"') >= len(MATCHING_ANSWERS)
    assert not set(EVERY_BOX) & set(review_page.form(SIGN).fields)


@pytest.mark.parametrize("left_out", sorted(MATCHING_ANSWERS))
def test_a_box_left_empty_stops_the_signature_and_keeps_the_rest(
    session: Session, as_provider: Browser, review_page: Page, left_out: str
) -> None:
    boxes = {**EVERY_BOX, f"confirm_{left_out}": None}
    again = as_provider.press(review_page, SIGN, {**SIGNATURE, **boxes})
    assert again.status == 422
    assert "say that it is still so, or change the answer." in again.text
    assert f'href="#confirm_{left_out}"' in again.html
    assert set(again.form(SIGN).fields) >= {name for name, value in boxes.items() if value} | set(SIGNATURE)
    assert session.query(Attestation).filter_by(state=AttestationState.SUBMITTED).count() == 0


def test_with_every_box_ticked_it_is_signed(session: Session, as_provider: Browser, review_page: Page) -> None:
    assert "Answers wait for a reviewer" in as_provider.press(review_page, SIGN, {**SIGNATURE, **EVERY_BOX}).text
    assert session.query(Attestation).filter_by(state=AttestationState.SUBMITTED).count() == 1


@pytest.mark.usefixtures("review_page")
def test_a_changed_answer_has_no_box(as_provider: Browser) -> None:
    changed = as_provider.press(as_provider.open("/portal/listings/1/attestation"), KEEP, {"distinct_sites-high": "9"})
    boxes = {name for name in EVERY_BOX if f'name="{name}"' in changed.html}
    assert boxes == set(EVERY_BOX) - {"confirm_distinct_sites"}
    ticked = {**SIGNATURE, **dict.fromkeys(boxes, "y")}
    assert "Answers wait for a reviewer" in as_provider.press(changed, SIGN, ticked).text


def test_first_answers_are_signed_without_boxes(session: Session, provider: Account, as_provider: Browser) -> None:
    listing = make_listing(session, provider)
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    page = as_provider.open(f"/portal/attestations/{draft.id}/review")
    assert "still so" not in page.text
    assert "Answers wait for a reviewer" in as_provider.press(page, SIGN, SIGNATURE).text
