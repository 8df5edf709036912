"""One question a page: each answer is saved by itself, and two windows do not overwrite each other."""

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

VOLUME, SITES, IMAGING, BONE = 1, 2, 3, 4
SIX_PRESSES = 6
REPLY = "Six in all,\r\nthree a side <script>"
SHOWN_REPLY = "Six in all, three a side <script>"
GIVEN: dict[int, FormValues] = {
    VOLUME: {"volume_per_site_ml-low": "8"},
    SITES: {"distinct_sites-low": "5", "distinct_sites-high": "6"},
    IMAGING: {"imaging_guidance-methods": "fluoroscopy", "imaging_guidance-how_often": "always"},
    BONE: {"harvest_bone-value": "posterior_iliac_crest"},
}


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider)
    session.commit()
    return made


@pytest.fixture
def step(as_provider: Browser, listing: Listing):
    def opened(number: int) -> Page:
        return as_provider.open(f"/portal/listings/{listing.id}/technique/{number}")

    return opened


def next_button(page: Page) -> str:
    return next(words for form in page.forms for words in form.buttons if words.startswith(("Next: ", "Review and")))


def draft(session: Session) -> Attestation:
    session.expire_all()
    return session.query(Attestation).filter_by(state=AttestationState.DRAFT).one()


def test_five_inputs_and_five_presses_lead_to_the_signature(as_provider: Browser, step, session: Session) -> None:
    page = step(VOLUME)
    for number, given in GIVEN.items():
        assert page.path.endswith(f"/technique/{number}")
        page = as_provider.press(page, next_button(page), given)
    assert "Review and sign" in page.text
    assert "All 4 answers match" in page.text
    assert draft(session).answers == MATCHING_ANSWERS
    assert sum(len(given) for given in GIVEN.values()) <= 6


def test_the_first_question_without_an_answer_opens(as_provider: Browser, step, listing: Listing) -> None:
    as_provider.press(step(VOLUME), "Save and leave", GIVEN[VOLUME])
    assert as_provider.open(f"/portal/listings/{listing.id}/technique").path.endswith(f"/technique/{SITES}")


def test_an_answer_that_was_saved_shows_its_grade(as_provider: Browser, step) -> None:
    for said in ("The rule is 10 mL or less.", "30 mL or more"):
        assert said not in step(VOLUME).text
    as_provider.press(step(VOLUME), "Save and leave", {"volume_per_site_ml-low": "20"})
    page = step(VOLUME)
    assert "In between" in page.text
    assert "The rule is 10 mL or less." in page.text
    assert "no badge as it stands" in page.text
    for zone in ("Matches up to 10 mL", "In between 10.1 to 29.9 mL", "Does not match 30 mL or more"):
        assert zone in page.text


def test_an_answer_can_be_refused_and_taken_back(as_provider: Browser, step, session: Session) -> None:
    as_provider.press(step(VOLUME), "Save and leave", GIVEN[VOLUME])
    page = as_provider.press(step(VOLUME), "I prefer not to say")
    assert page.path.endswith(f"/technique/{SITES}")
    assert "volume_per_site_ml" not in {key for key, value in draft(session).answers.items() if value is not None}


@pytest.mark.parametrize("button", ["Next: Number of places", "Go to review"])
def test_what_is_no_answer_stays_typed_and_is_said_at_its_field(as_provider: Browser, step, button: str) -> None:
    page = as_provider.press(step(VOLUME), button, {"volume_per_site_ml-low": "a lot"})
    assert page.status == 422
    assert "must be a number, such as" in page.text
    assert page.form("Go to review").fields["volume_per_site_ml-low"] == "a lot"
    assert step(VOLUME).form("Go to review").fields["volume_per_site_ml-low"] == "a lot"


@pytest.mark.parametrize(
    ("path", "button", "field"),
    [
        ("technique/1", "Go to review", "volume_per_site_ml-high"),
        ("attestation", "Save and review", "total_volume_ml-high"),
    ],
)
def test_only_the_end_of_a_range_is_kept_and_asked_about(
    as_provider: Browser, listing: Listing, path: str, button: str, field: str
) -> None:
    page = as_provider.open(f"/portal/listings/{listing.id}/{path}")
    page = as_provider.press(page, button, {field: "60"})
    assert page.status == 422
    assert "fill in “From” too. If it is one number only, write it in “From”." in page.text
    assert page.form(button).fields[field] == "60"
    assert as_provider.open(f"/portal/listings/{listing.id}/{path}").form(button).fields[field] == "60"


def test_review_leads_back_to_a_question_that_cannot_be_read(as_provider: Browser, step) -> None:
    as_provider.press(step(SITES), "Save and leave", {"distinct_sites-low": "many"})
    page = as_provider.press(step(VOLUME), "Go to review", GIVEN[VOLUME])
    assert "Review and sign" not in page.text.partition("How you take bone marrow")[0]
    assert "must be a number" in page.text


def test_another_question_saved_meanwhile_is_no_conflict(as_provider: Browser, step, session: Session) -> None:
    first, second = step(VOLUME), step(BONE)
    as_provider.press(second, "Save and leave", GIVEN[BONE])
    as_provider.press(first, "Save and leave", GIVEN[VOLUME])
    answers = draft(session).answers
    assert (answers["volume_per_site_ml"], answers["harvest_bone"]) == (8, "posterior_iliac_crest")


def test_the_same_question_saved_meanwhile_shows_both(as_provider: Browser, step, session: Session) -> None:
    first, second = step(VOLUME), step(VOLUME)
    as_provider.press(first, "Save and leave", {"volume_per_site_ml-low": "8"})
    clash = as_provider.press(second, "Next: Number of places", {"volume_per_site_ml-low": "9"})
    assert clash.status == 409
    assert "Saved there: 8 mL" in clash.text
    assert clash.form("Go to review").fields["volume_per_site_ml-low"] == "9"
    assert draft(session).answers["volume_per_site_ml"] == 8
    as_provider.press(clash, "Save and leave")
    assert draft(session).answers["volume_per_site_ml"] == 9


def test_the_same_answer_twice_is_no_conflict(as_provider: Browser, step, session: Session) -> None:
    page = step(VOLUME)
    for _ in range(2):
        assert as_provider.press(page, "Save and leave", GIVEN[VOLUME]).status == 200
    assert session.query(Attestation).count() == 1


def test_a_page_saves_by_itself(as_provider: Browser, step, session: Session) -> None:
    page = step(VOLUME)
    sent = {**page.form("Go to review").fields.to_dict(), "volume_per_site_ml-low": "7", "then": "auto"}
    saved = as_provider.client.post(page.path, data=sent)
    assert saved.status_code == 200
    again = as_provider.client.post(
        page.path, data={**sent, "volume_per_site_ml-low": "6", "version": saved.json["version"]}
    )
    assert again.status_code == 200
    assert draft(session).answers["volume_per_site_ml"] == 6
    late = as_provider.client.post(page.path, data=sent)
    assert (late.status_code, "Another window" in late.json["say"]) == (409, True)


@pytest.fixture
def returned(session: Session, listing: Listing, reviewer: Account) -> Attestation:
    """Answers that came back with a comment on the second question."""
    signed = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    decide_attestation(
        session, signed, Move.RETURN, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets(),
        reason="Please look again.", comments={"distinct_sites": "Count both sides."},
    )  # fmt: skip
    session.commit()
    return signed


@pytest.mark.usefixtures("returned")
def test_a_comment_stands_at_its_question_and_on_the_first_page(as_provider: Browser, step, listing: Listing) -> None:
    home = as_provider.open("/portal/")
    assert "Number of places: Count both sides." in home.text
    assert "See the comments" in home.text
    page = as_provider.open(f"/portal/listings/{listing.id}/technique")
    assert page.path.endswith(f"/technique/{SITES}")
    assert "Count both sides." in page.text
    for text in ("Count both sides.", "Your reply to the reviewer"):
        assert text not in step(VOLUME).text


@pytest.mark.usefixtures("returned")
def test_three_presses_answer_a_comment_in_words_and_the_reviewer_reads_them(
    as_provider: Browser, as_reviewer: Browser, visitor: Browser, session: Session, listing: Listing
) -> None:
    page = as_provider.open(f"/portal/listings/{listing.id}/technique")
    page = as_provider.press(page, "Go to review", {"distinct_sites-high": "8", "reply": REPLY})
    for said in (SHOWN_REPLY, "Count both sides."):
        assert said in page.text
    signed = as_provider.press(page, "I agree and sign")
    assert SHOWN_REPLY in signed.text
    waiting = session.query(Attestation).filter_by(state=AttestationState.SUBMITTED).one()
    review = as_reviewer.open(f"/console/attestations/{waiting.id}")
    for said in ("Please look again.", "Count both sides.", SHOWN_REPLY):
        assert said in review.text
    assert "removed: 5 to 6 places added: 5 to 8 places" in review.text
    assert "<script>" not in review.html.partition("What changed since")[2].partition("</section>")[0]
    as_reviewer.press(review, "Accept")
    for path in (f"/providers/{listing.slug}", f"/providers/{listing.slug}/history", f"/verify/{waiting.public_id}"):
        assert "three a side" not in visitor.open(path).text
        assert "Count both sides" not in visitor.open(path).text


@pytest.mark.usefixtures("returned")
def test_a_reply_that_is_too_long_comes_back_with_the_answer(as_provider: Browser, step, session: Session) -> None:
    page = as_provider.press(step(SITES), "Go to review", {"distinct_sites-low": "7", "reply": "x" * 501})
    assert page.status == 422
    assert 'href="#reply"' in page.html
    fields = page.form("Go to review").fields
    assert (fields["distinct_sites-low"], fields["reply"]) == ("7", "x" * 501)
    sent = {**fields.to_dict(), "then": "auto"}
    saved = as_provider.client.post(page.path, data=sent)
    assert (saved.status_code, "at most 500 characters" in saved.json["say"]) == (422, True)
    assert session.query(Attestation).filter_by(state=AttestationState.DRAFT).count() == 0


@pytest.mark.usefixtures("returned")
def test_a_reply_is_saved_by_itself_and_not_over_another_window(as_provider: Browser, step, session: Session) -> None:
    first, second = step(SITES), step(SITES)
    for _ in range(2):
        as_provider.press(first, "Save and leave", {"reply": REPLY})
    assert draft(session).replies == {"distinct_sites": REPLY.replace("\r\n", "\n")}
    clash = as_provider.press(second, "Save and leave", {"reply": "Something else."})
    assert clash.status == 409
    assert f"with the reply “{SHOWN_REPLY}”" in clash.text
    assert clash.form("Go to review").fields["reply"] == "Something else."
    as_provider.press(clash, "I prefer not to say")
    assert draft(session).replies == {"distinct_sites": "Something else."}


def test_nothing_is_replied_where_nobody_asked(as_provider: Browser, step, session: Session) -> None:
    as_provider.press(step(VOLUME), "Save and leave", {**GIVEN[VOLUME], "reply": "Nobody asked."})
    assert draft(session).replies == {}


def test_a_renewal_begins_at_the_review_with_name_and_role(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    make_attestation(session, listing, details={"total_volume_ml": 30})
    session.commit()
    page = as_provider.press(as_provider.open("/portal/"), "Renew now")
    assert renewal_presses(page) <= SIX_PRESSES
    fields = page.form("I agree and sign").fields
    home = as_provider.open("/portal/")
    assert "the accepted ones stay as they are" in home.text
    assert as_provider.press(home, "Go on with the renewal").path == page.path
    assert "Tick each one that is still so" in page.text
    assert fields["signer_name"]
    assert fields["signer_role"]


def renewal_presses(page: Page) -> int:
    """The presses of a renewal without changes: the button of the first page, the boxes, and the signature."""
    return 1 + page.html.count('type="checkbox"') + 1


def review_of(as_provider: Browser, listing: Listing) -> Page:
    """The review of a listing without answers, all of which are left out."""
    return as_provider.press(as_provider.open(f"/portal/listings/{listing.id}/technique/1"), "Go to review")


@pytest.mark.parametrize("number", [0, 5, 99])
def test_there_are_as_many_questions_as_the_rules_have(step, number: int) -> None:
    assert step(number).status == 404


def test_the_questions_of_somebody_else_are_not_found(as_other_provider: Browser, listing: Listing) -> None:
    for path in ("technique", "technique/1"):
        assert as_other_provider.open(f"/portal/listings/{listing.id}/{path}").status == 404
