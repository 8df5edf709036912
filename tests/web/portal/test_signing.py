"""Answers and signatures: made from the ruleset, kept as a draft, graded, explained, signed, waiting, taken back."""

import pytest
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing
from support.http_client import Browser, FormValues, Page

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation

QUESTIONS = "/portal/listings/1/attestation"
KEEP, SIGN, TAKE_BACK = "Save and review", "I agree and sign", "Take the answers back"
ANSWERS: dict[str, str | list[str]] = {
    "volume_per_site_ml-low": "8",
    "distinct_sites-low": "5",
    "distinct_sites-high": "6",
    "imaging_guidance-methods": ["fluoroscopy"],
    "imaging_guidance-how_often": "always",
    "harvest_bone-value": "posterior_iliac_crest",
}
SIGNATURE: FormValues = {"signer_name": "Ann Example", "signer_role": "Medical director"}


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider)
    session.commit()
    return made


def answer(browser: Browser, changes: FormValues | None = None) -> Page:
    return browser.press(browser.open(QUESTIONS), KEEP, {**ANSWERS, **(changes or {})})


def stored(session: Session) -> Attestation:
    session.expire_all()
    return session.query(Attestation).order_by(Attestation.id.desc()).first() or pytest.fail("nothing is stored")


@pytest.mark.usefixtures("listing")
def test_looking_at_the_questions_stores_nothing(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(QUESTIONS)
    for question in bundled_rulesets().current.questions:
        assert question.question in page.text
    assert session.query(Attestation).count() == 0


@pytest.mark.usefixtures("listing")
def test_answers_are_kept_as_a_draft_and_come_back(as_provider: Browser, session: Session) -> None:
    answer(as_provider, {"total_volume_ml-low": "40", "total_volume_ml-high": "48", "cell_count-value": "every_time"})
    draft = stored(session)
    assert (draft.state, draft.answers) == (AttestationState.DRAFT, MATCHING_ANSWERS)
    assert draft.details == {"total_volume_ml": [40, 48], "cell_count": "every_time"}
    form = as_provider.open(QUESTIONS).form(KEEP)
    shown = {name: form.fields.getlist(name) for name in (*ANSWERS, "total_volume_ml-low", "cell_count-value")}
    assert shown == {name: [value] if isinstance(value, str) else value for name, value in ANSWERS.items()} | {
        "total_volume_ml-low": ["40"],
        "cell_count-value": ["every_time"],
    }


@pytest.mark.usefixtures("listing")
def test_blank_answers_can_be_kept_and_are_not_stated(as_provider: Browser, session: Session) -> None:
    page = as_provider.press(as_provider.open(QUESTIONS), KEEP, {"harvest_bone-value": ""})
    assert page.status == 200
    assert page.text.count("No answer") >= 4
    assert "shows no badge" in page.text
    assert stored(session).answers == {}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("volume_per_site_ml-low", "0", "from 0.1 to 200 mL"),
        ("volume_per_site_ml-low", "200.1", "from 0.1 to 200 mL"),
        ("volume_per_site_ml-low", "8.25", "one digit after the point"),
        ("volume_per_site_ml-low", "nan", "must be a number"),
        ("volume_per_site_ml-low", "1e1", "must be a number"),
        ("volume_per_site_ml-high", "5", "begin with the smaller"),
        ("volume_per_site_ml-low", "9" * 1000, "must be a number"),
        ("distinct_sites-low", "2.5", "whole number"),
        ("distinct_sites-high", "61", "from 1 to 60"),
        ("imaging_guidance-methods", ["none", "ct"], "cannot stand together"),
        ("imaging_guidance-methods", ["xray"], "must be none, or some of"),
        ("imaging_guidance-methods", ["none"], "does not apply to none"),
        ("imaging_guidance-how_often", "", "say how often"),
        ("harvest_bone-value", "skull", "must be one of"),
        ("harvest_bone-value", "tibia\0", "must be one of"),
        ("procedures_per_year-low", "-1", "from 0 to 5000"),
    ],
)
@pytest.mark.usefixtures("listing")
def test_an_answer_outside_its_limits_comes_back_with_a_sentence_and_is_no_answer(
    as_provider: Browser, session: Session, field: str, typed: str | list[str], sentence: str
) -> None:
    page = answer(as_provider, {field: typed})
    assert page.status == 422
    assert sentence in page.text
    assert "Please correct this first" in page.text
    if field != "distinct_sites-low":
        assert page.form(KEEP).fields["distinct_sites-low"] == "5"
    draft, key = stored(session), field.rpartition("-")[0]
    assert key not in draft.answers | draft.details
    assert draft.answers == {name: answer for name, answer in MATCHING_ANSWERS.items() if name != key}
    assert as_provider.open(f"/portal/attestations/{draft.id}/review").path == QUESTIONS


@pytest.mark.usefixtures("listing")
def test_units_and_ranges_may_be_typed_as_people_write_them(as_provider: Browser, session: Session) -> None:
    answer(
        as_provider,
        {"volume_per_site_ml-low": "5 to 10 cc", "distinct_sites-low": "6 places", "distinct_sites-high": ""},
    )
    assert stored(session).answers["volume_per_site_ml"] == [5, 10]
    assert stored(session).answers["distinct_sites"] == 6


@pytest.mark.usefixtures("listing")
def test_the_review_shows_the_servers_grades_in_the_patients_words(as_provider: Browser) -> None:
    page = answer(as_provider, {"volume_per_site_ml-low": "30", "harvest_bone-value": "vertebra"})
    assert "How much volume do you take from one spot in my bone marrow?" in page.text
    for words in ("Does not match", "In between", "Matches", "shows no badge"):
        assert words in page.text
    assert bundled_rulesets().current.statement in page.text
    assert "failed" not in page.text


@pytest.mark.usefixtures("listing")
def test_a_signature_keeps_the_exact_words_and_then_it_waits(as_provider: Browser, session: Session) -> None:
    page = as_provider.press(answer(as_provider), SIGN, SIGNATURE)
    assert "Answers wait for a reviewer" in page.text
    signed = stored(session)
    assert (signed.state, signed.signer_name, signed.signer_role) == (
        AttestationState.SUBMITTED,
        "Ann Example",
        "Medical director",
    )
    assert signed.statement == bundled_rulesets().current.statement
    assert f"Signed for {signed.listing.name}." in page.text
    assert "Programs call it a hash (SHA-256)" in page.text
    assert signed.digest
    assert signed.digest in page.text
    assert "Take the answers back" in page.text


@pytest.mark.parametrize("missing", ["signer_name", "signer_role"])
@pytest.mark.usefixtures("listing")
def test_a_signature_is_whole_or_none_and_nothing_typed_is_lost(
    as_provider: Browser, session: Session, missing: str
) -> None:
    page = as_provider.press(answer(as_provider), SIGN, {**SIGNATURE, missing: None})
    assert page.status == 422
    assert f'href="#{missing}"' in page.html
    kept = {name: value for name, value in SIGNATURE.items() if name != missing}
    assert {name: page.form(SIGN).fields.get(name) for name in kept} == kept
    assert stored(session).state is AttestationState.DRAFT


@pytest.mark.usefixtures("listing")
def test_nothing_is_signed_without_the_button_below_the_statement(as_provider: Browser, session: Session) -> None:
    review = answer(as_provider)
    statement, button = (review.html.rindex(words) for words in (bundled_rulesets().current.statement, SIGN))
    assert "<input" not in review.html[statement:button]
    sent = {**review.form(SIGN).fields.to_dict(), **SIGNATURE}
    refused = as_provider.client.post(review.path, data=sent)
    assert refused.status_code == 422
    assert 'href="#agreed"' in refused.text
    assert stored(session).state is AttestationState.DRAFT


@pytest.mark.usefixtures("listing")
def test_answers_that_do_not_fit_together_are_explained_before_signing(as_provider: Browser, session: Session) -> None:
    review = answer(as_provider, {"total_volume_ml-low": "2000"})
    assert "You say 2000 mL in all" in review.text
    page = as_provider.press(review, SIGN, SIGNATURE)
    assert page.status == 422
    assert page.text.count("You say 2000 mL in all") == 1
    assert page.text.count("correct your answers, or say why they fit together") == 2
    assert stored(session).state is AttestationState.DRAFT
    as_provider.press(page, SIGN, {**SIGNATURE, "explain_total_volume": "Two visits."})
    assert stored(session).explanations == {"total_volume": "Two visits."}


@pytest.mark.usefixtures("listing")
def test_what_waits_can_be_taken_back_and_started_again_from(as_provider: Browser, session: Session) -> None:
    waiting = as_provider.press(answer(as_provider), SIGN, SIGNATURE)
    assert as_provider.press(waiting, TAKE_BACK).text.count("Answers taken back")
    assert stored(session).state is AttestationState.WITHDRAWN
    assert as_provider.press(waiting, TAKE_BACK).status == 409
    assert as_provider.open(QUESTIONS).form(KEEP).fields["distinct_sites-low"] == "5"


def test_returned_answers_show_why_and_start_again_from_there(
    as_provider: Browser, listing: Listing, session: Session, reviewer: Account
) -> None:
    made = make_attestation(
        session, listing, state=AttestationState.SUBMITTED, answers=MATCHING_ANSWERS | {"distinct_sites": 4}
    )
    remarks = {"distinct_sites": "Is this for one side?"}
    decide_attestation(
        session,
        made,
        Move.RETURN,
        by=reviewer.actor,
        now=NOW,
        rulesets=bundled_rulesets(),
        reason="One thing is not clear.",
        comments=remarks,
    )
    session.commit()
    page = as_provider.open(f"/portal/attestations/{made.id}")
    assert "One thing is not clear." in page.text
    assert "Is this for one side?" in page.text
    page = as_provider.open(QUESTIONS)
    assert "One thing is not clear." in page.text
    assert "Is this for one side?" in page.text
    assert page.form(KEEP).fields["distinct_sites-low"] == "4"


def test_somebody_elses_answers_are_not_there(as_other_provider: Browser, listing: Listing, session: Session) -> None:
    waiting, draft = (
        make_attestation(session, listing, state=AttestationState.SUBMITTED),
        make_attestation(session, listing, state=AttestationState.DRAFT),
    )
    session.commit()
    token = as_other_provider.open("/portal/listings/new").form("Save and continue").fields["csrf_token"]
    sent = {**SIGNATURE, "csrf_token": token, "version": str(draft.version)}
    assert as_other_provider.open(f"/portal/attestations/{waiting.id}").status == 404
    assert as_other_provider.open(f"/portal/attestations/{draft.id}/review").status == 404
    assert as_other_provider.client.post(f"/portal/attestations/{draft.id}/review", data=sent).status_code == 404
    assert as_other_provider.client.post(f"/portal/attestations/{waiting.id}/withdraw", data=sent).status_code == 404
    session.expire_all()
    assert (waiting.state, draft.state) == (AttestationState.SUBMITTED, AttestationState.DRAFT)


def test_a_draft_is_not_shown_as_signed_and_what_is_signed_not_as_a_draft(
    as_provider: Browser, listing: Listing, session: Session
) -> None:
    signed, draft = make_attestation(session, listing), make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    assert as_provider.open(f"/portal/attestations/{draft.id}").status == 404
    assert as_provider.open(f"/portal/attestations/{signed.id}/review").path == f"/portal/attestations/{signed.id}"
