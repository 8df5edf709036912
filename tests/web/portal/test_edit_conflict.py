"""Signatures that come too late: both texts are shown, nothing is signed unseen, and nothing is signed twice."""

import pytest
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_attestation, make_listing
from support.http_client import Browser, FormValues, Page

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.tables import Listing

QUESTIONS = "/portal/listings/1/attestation"
KEEP, SIGN, TAKE_BACK = "Save and review", "I agree and sign", "Take the answers back"
SIGNATURE: FormValues = {"signer_name": "Ann Example", "signer_role": "Medical director"}


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider)
    session.commit()
    return made


@pytest.fixture
def draft(session: Session, listing: Listing) -> Attestation:
    made = make_attestation(session, listing, state=AttestationState.DRAFT, details={"total_volume_ml": 2000})
    session.commit()
    return made


def review(browser: Browser, draft: Attestation) -> Page:
    return browser.open(f"/portal/attestations/{draft.id}/review")


def signed(session: Session) -> list[Attestation]:
    session.expire_all()
    return session.query(Attestation).filter(Attestation.state != AttestationState.DRAFT).all()


EXPLAINED: FormValues = {**SIGNATURE, "explain_total_volume": "Two visits."}


def test_a_draft_that_changed_since_is_shown_beside_what_was_looked_at_and_not_signed(
    as_provider: Browser, session: Session, draft: Attestation
) -> None:
    page = review(as_provider, draft)
    as_provider.press(as_provider.open(QUESTIONS), KEEP, {"harvest_bone-value": "tibia"})
    late = as_provider.press(page, SIGN, EXPLAINED)
    assert late.status == 409
    assert "Back of the hip bone (posterior iliac crest)" in late.text
    assert late.text.index("Stored now") < late.text.index("Shin bone (tibia)")
    assert "nothing was signed" in late.text
    assert signed(session) == []
    form = late.form(SIGN).fields
    assert {name: form.get(name) for name in EXPLAINED} == EXPLAINED
    done = as_provider.press(late, SIGN)
    assert "Answers wait for a reviewer" in done.text
    assert [row.answers for row in signed(session)] == [MATCHING_ANSWERS | {"harvest_bone": "tibia"}]


def test_signing_twice_is_told_with_what_was_signed(as_provider: Browser, session: Session, draft: Attestation) -> None:
    page = review(as_provider, draft)
    assert as_provider.press(page, SIGN, EXPLAINED).status == 200
    digest = signed(session)[0].digest
    again = as_provider.press(page, SIGN, {**EXPLAINED, "signer_name": "Bo Other"})
    assert again.status == 409
    for words in (
        "signed already",
        "Ann Example, Medical director",
        "The answers are the same",
        "Bo Other",
        "Two visits",
    ):
        assert words in again.text
    assert [(row.signer_name, row.digest) for row in signed(session)] == [("Ann Example", digest)]


def test_what_somebody_else_changed_and_signed_is_shown_beside_what_was_looked_at(
    as_provider: Browser, session: Session, draft: Attestation
) -> None:
    page = review(as_provider, draft)
    other = as_provider.press(as_provider.open(QUESTIONS), KEEP, {"distinct_sites-high": "9"})
    as_provider.press(other, SIGN, EXPLAINED)
    late = as_provider.press(page, SIGN, EXPLAINED)
    assert late.status == 409
    assert "5 to 9 places" in late.text
    assert "5 to 6 places" in late.text
    assert "The answers are the same" not in late.text
    assert len(signed(session)) == 1


@pytest.mark.parametrize("state", sorted(set(AttestationState) - {AttestationState.DRAFT}))
def test_a_window_left_open_signs_nothing_in_whatever_state_it_is_now(
    as_provider: Browser, session: Session, listing: Listing, state: AttestationState
) -> None:
    made = make_attestation(session, listing, state=state)
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    fields = {**review(as_provider, draft).form(SIGN).fields.to_dict(), **SIGNATURE, "agreed": "y", "version": "1"}
    before = len(signed(session))
    late = as_provider.client.post(f"/portal/attestations/{made.id}/review", data=fields)
    assert late.status_code == 409
    assert "signed already" in late.get_data(as_text=True)
    assert (len(signed(session)), made.state) == (before, state)


def test_a_draft_with_something_in_it_that_is_no_answer_is_not_signed(
    as_provider: Browser, session: Session, draft: Attestation
) -> None:
    page = review(as_provider, draft)
    as_provider.press(as_provider.open(QUESTIONS), KEEP, {"volume_per_site_ml-low": "about eight"})
    late = as_provider.press(page, SIGN, EXPLAINED)
    assert late.status == 409
    assert "These answers changed" in late.text
    assert "8 mL" in late.text
    session.expire_all()
    forced = as_provider.press(page, SIGN, {**EXPLAINED, "version": str(draft.version)})
    assert forced.status == 422
    assert signed(session) == []


def test_of_two_that_wait_the_second_is_refused_and_kept(
    as_provider: Browser, session: Session, listing: Listing, draft: Attestation
) -> None:
    page = review(as_provider, draft)
    as_provider.press(page, SIGN, EXPLAINED)
    second = make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    late = as_provider.press(review(as_provider, second), SIGN, SIGNATURE)
    assert late.status == 409
    assert "waits for review" in late.text
    assert late.form(SIGN).fields["signer_name"] == "Ann Example"
    assert len(signed(session)) == 1


def test_nothing_that_is_sent_as_looked_at_is_believed(
    as_provider: Browser, session: Session, draft: Attestation
) -> None:
    page = review(as_provider, draft)
    made_up = {**EXPLAINED, "harvest_bone-value": "<b>skull</b>", "volume_per_site_ml-low": "9" * 10_000}
    assert as_provider.press(page, SIGN, made_up).status == 200
    assert signed(session)[0].answers == MATCHING_ANSWERS
    again = as_provider.press(page, SIGN, made_up)
    assert again.status == 409
    assert "<b>skull" not in again.html
