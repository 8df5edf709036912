"""Drafts: kept section by section and by themselves, with what is no answer yet, and never over another window."""

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_attestation, make_listing, sign_in
from support.http_client import Browser, FormValues, Page

from directory.accounts.tables import Account
from directory.attestations.draft_input import MAX_TYPED
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

QUESTIONS = "/portal/listings/1/attestation"
KEEP, CHOSEN = "Save and review", "Keep what I chose"
SAVE_GRADED, SAVE_SHOWN = "Save “Compared with our rules”", "Save “More detail”"
VOLUME, BONE = "volume_per_site_ml-low", "harvest_bone-value"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider)
    session.commit()
    return made


def stored(session: Session) -> Attestation:
    session.expire_all()
    return session.query(Attestation).order_by(Attestation.id.desc()).first() or pytest.fail("nothing is stored")


def by_itself(browser: Browser, page: Page, values: FormValues) -> tuple[int, dict[str, Any]]:
    """What the page's program sends after a pause: the whole form, and no button."""
    form = page.form(KEEP)
    sent = form.fields.copy()
    for name, value in {**values, "then": "auto"}.items():
        sent.setlist(name, [value] if isinstance(value, str) else list(value or ()))
    answer = browser.client.post(QUESTIONS, data=sent, headers={"Accept": "application/json"})
    return answer.status_code, json.loads(answer.get_data(as_text=True))


@pytest.mark.usefixtures("listing")
def test_each_section_is_saved_by_its_own_button_and_leads_to_the_next(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(QUESTIONS)
    assert "Nothing is saved yet" in page.text
    assert "0 of 4 answered" in page.text
    saved = as_provider.press(page, SAVE_GRADED, {VOLUME: "8"}, follow=False)
    assert (saved.status, saved.location) == (303, f"{QUESTIONS}#shown")
    assert stored(session).answers == {"volume_per_site_ml": 8}
    page = as_provider.open(QUESTIONS)
    assert "1 of 4 answered" in page.text
    assert "UTC" in page.text
    saved = as_provider.press(page, SAVE_SHOWN, {"total_volume_ml-low": "40"}, follow=False)
    assert saved.location == f"{QUESTIONS}#end"
    assert (stored(session).answers, stored(session).details) == ({"volume_per_site_ml": 8}, {"total_volume_ml": 40})


@pytest.mark.usefixtures("listing")
def test_a_section_saved_takes_what_was_typed_in_the_others_along(as_provider: Browser, session: Session) -> None:
    as_provider.press(as_provider.open(QUESTIONS), SAVE_SHOWN, {VOLUME: "8", "total_volume_ml-low": "40"})
    assert (stored(session).answers, stored(session).details) == ({"volume_per_site_ml": 8}, {"total_volume_ml": 40})


@pytest.mark.usefixtures("listing")
def test_a_draft_is_there_in_another_browser(as_provider: Browser, app: Any, provider: Account) -> None:
    by_itself(as_provider, as_provider.open(QUESTIONS), {VOLUME: "8"})
    elsewhere = Browser(sign_in(app.test_client(), provider))
    assert elsewhere.open(QUESTIONS).form(KEEP).fields[VOLUME] == "8"


@pytest.mark.usefixtures("listing")
def test_what_is_no_answer_is_kept_beside_the_answers_and_signed_by_nobody(
    as_provider: Browser, session: Session
) -> None:
    typed = {VOLUME: "about eight", "distinct_sites-low": "6", "procedures_per_year-low": "many"}
    as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, typed)
    draft = stored(session)
    assert draft.answers == {"distinct_sites": 6}
    assert draft.typed == {
        "volume_per_site_ml": {VOLUME: ["about eight"], "volume_per_site_ml-high": [""]},
        "procedures_per_year": {"procedures_per_year-low": ["many"], "procedures_per_year-high": [""]},
    }
    page = as_provider.open(QUESTIONS)
    shown = {name: page.form(KEEP).fields[name] for name in typed}
    assert shown == typed
    assert page.text.count("must be a number") == 2
    assert "2 of 4 answered, 1 to correct" in page.text
    assert "Please correct this first" not in page.text
    assert as_provider.open(f"/portal/attestations/{draft.id}/review").path == QUESTIONS
    again = as_provider.press(page, KEEP)
    assert again.status == 422
    assert "Please correct this first" in again.text
    corrected = as_provider.press(again, KEEP, {VOLUME: "8", "procedures_per_year-low": ""})
    assert corrected.path == f"/portal/attestations/{draft.id}/review"
    assert stored(session).typed == {}


@pytest.mark.parametrize(("length", "is_kept"), [(MAX_TYPED, True), (MAX_TYPED + 1, False)])
@pytest.mark.usefixtures("listing")
def test_more_than_is_kept_of_one_answer_stops_no_other_and_overwrites_nothing(
    as_provider: Browser, session: Session, length: int, *, is_kept: bool
) -> None:
    as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, {VOLUME: "8"})
    typed = "x" * length
    page = as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, {VOLUME: typed, "distinct_sites-low": "6"})
    kept = {"distinct_sites": 6} if is_kept else {"distinct_sites": 6, "volume_per_site_ml": 8}
    assert stored(session).answers == kept
    assert page.status == (200 if is_kept else 422)
    assert ("so it is not saved" in page.text) is not is_kept
    assert page.form(KEEP).fields[VOLUME] == typed


@pytest.mark.usefixtures("listing")
def test_what_no_database_can_keep_is_kept_as_far_as_it_can(as_provider: Browser, session: Session) -> None:
    as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, {VOLUME: "8\0"})
    assert stored(session).typed["volume_per_site_ml"][VOLUME] == ["8\ufffd"]


@pytest.mark.usefixtures("listing")
def test_a_page_saves_itself_again_and_again_and_says_so(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(QUESTIONS)
    status, said = by_itself(as_provider, page, {VOLUME: "8"})
    assert (status, said["say"]) == (200, "")
    status, said = by_itself(as_provider, page, {VOLUME: "8x", "version": said["version"]})
    assert (status, said["say"]) == (200, "1 answer cannot be read yet.")
    status, said = by_itself(
        as_provider, page, {VOLUME: "8x", "distinct_sites-low": "many", "version": said["version"]}
    )
    assert (status, said["say"]) == (200, "2 answers cannot be read yet.")
    status, said = by_itself(as_provider, page, {VOLUME: "9" * 5000, "version": said["version"]})
    assert (status, "so it is not saved" in said["say"]) == (200, True)
    assert said["at"].startswith("20")
    assert stored(session).state is AttestationState.DRAFT


@pytest.mark.usefixtures("listing")
def test_a_page_that_saves_itself_does_not_write_over_another_window(as_provider: Browser, session: Session) -> None:
    mine, other = as_provider.open(QUESTIONS), as_provider.open(QUESTIONS)
    assert by_itself(as_provider, other, {BONE: "tibia"})[0] == 200
    status, said = by_itself(as_provider, mine, {BONE: "vertebra"})
    assert (status, said) == (409, {"say": "Another window changed these answers. Press Save to see both."})
    assert stored(session).answers == {"harvest_bone": "tibia"}
    assert as_provider.press(mine, SAVE_GRADED, {BONE: "vertebra"}).status == 409


@pytest.mark.parametrize("draft_first", [True, False])
@pytest.mark.parametrize(("choice", "kept"), [("stored", "tibia"), ("typed", "vertebra")])
@pytest.mark.usefixtures("listing")
def test_the_second_save_shows_both_and_the_signer_chooses(
    as_provider: Browser, session: Session, choice: str, kept: str, *, draft_first: bool
) -> None:
    if draft_first:
        as_provider.press(as_provider.open(QUESTIONS), KEEP, {VOLUME: "8"})
    mine, other = as_provider.open(QUESTIONS), as_provider.open(QUESTIONS)
    as_provider.press(other, KEEP, {BONE: "tibia", "distinct_sites-low": "6"})
    clash = as_provider.press(mine, KEEP, {BONE: "vertebra", "cell_count-value": "no_count"})
    assert clash.status == 409
    assert "Stored now: Shin bone (tibia)" in clash.text
    assert "You typed: Spine (vertebra)" in clash.text
    assert "Stored now: 6 places" in clash.text
    assert "You typed: No answer" not in clash.text
    assert "Before, not changed by you: No answer" in clash.text
    assert clash.form(CHOSEN).fields["choose-distinct_sites"] == "stored"
    assert stored(session).answers.get("harvest_bone") == "tibia"

    undecided = as_provider.press(clash, CHOSEN, {"choose-harvest_bone": choice})
    assert undecided.status == 422
    assert "choose which one to keep" in undecided.text
    assert stored(session).answers.get("harvest_bone") == "tibia"

    choices = {"choose-harvest_bone": choice, "choose-distinct_sites": "stored", "choose-cell_count": "typed"}
    done = as_provider.press(undecided, CHOSEN, choices)
    assert (done.status, done.path.endswith("/review")) == (200, True)
    answers = {"harvest_bone": kept, "distinct_sites": 6} | ({"volume_per_site_ml": 8} if draft_first else {})
    assert (stored(session).answers, stored(session).details) == (answers, {"cell_count": "no_count"})


@pytest.mark.usefixtures("listing")
def test_what_is_no_answer_is_shown_beside_the_other_too(as_provider: Browser, session: Session) -> None:
    mine, other = as_provider.open(QUESTIONS), as_provider.open(QUESTIONS)
    as_provider.press(other, SAVE_GRADED, {VOLUME: "10 or so"})
    clash = as_provider.press(mine, SAVE_GRADED, {VOLUME: "a little", "volume_per_site_ml-high": "more"})
    assert "Stored now: “10 or so”" in clash.text
    assert "You typed: “a little – more”" in clash.text
    as_provider.press(clash, CHOSEN, {"choose-volume_per_site_ml": "stored"})
    assert stored(session).typed["volume_per_site_ml"][VOLUME] == ["10 or so"]


@pytest.mark.usefixtures("listing")
def test_a_third_window_is_seen_while_the_second_is_chosen(as_provider: Browser, session: Session) -> None:
    mine, other = as_provider.open(QUESTIONS), as_provider.open(QUESTIONS)
    as_provider.press(other, SAVE_GRADED, {BONE: "tibia"})
    clash = as_provider.press(mine, SAVE_GRADED, {BONE: "vertebra"})
    as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, {BONE: "femur"})
    again = as_provider.press(clash, CHOSEN, {"choose-harvest_bone": "stored"})
    assert again.status == 409
    assert "Stored now: Thigh bone (femur)" in again.text
    assert stored(session).answers == {"harvest_bone": "femur"}


@pytest.mark.parametrize("typed", ["10", "10 mL", " 10cc", "10.0"])
@pytest.mark.usefixtures("listing")
def test_two_windows_that_say_the_same_do_not_clash(as_provider: Browser, session: Session, typed: str) -> None:
    mine, other = as_provider.open(QUESTIONS), as_provider.open(QUESTIONS)
    as_provider.press(other, SAVE_GRADED, {VOLUME: "10"})
    assert as_provider.press(mine, SAVE_GRADED, {VOLUME: typed}).status == 200
    assert stored(session).answers == {"volume_per_site_ml": 10}


def test_what_is_typed_after_it_was_signed_elsewhere_becomes_a_new_draft(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    mine = as_provider.open(QUESTIONS)
    signed = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    session.commit()
    clash = as_provider.press(mine, KEEP, {BONE: "tibia"})
    assert clash.status == 409
    assert "Signed in another window" in clash.text
    choices = {f"choose-{key}": "stored" for key in MATCHING_ANSWERS} | {"choose-harvest_bone": "typed"}
    as_provider.press(clash, CHOSEN, choices)
    assert stored(session).answers == MATCHING_ANSWERS | {"harvest_bone": "tibia"}
    assert (stored(session).state, signed.state) == (AttestationState.DRAFT, AttestationState.SUBMITTED)
    assert signed.answers == MATCHING_ANSWERS


@pytest.mark.parametrize("then", ["auto", "review", "graded", "no such section"])
@pytest.mark.parametrize("state", [ListingState.RETIRED, ListingState.REJECTED])
def test_nothing_is_kept_for_a_closed_entry_and_nothing_typed_is_lost(
    as_provider: Browser, session: Session, provider: Account, state: ListingState, then: str
) -> None:
    make_listing(session, provider, state=state)
    session.commit()
    page = as_provider.open(QUESTIONS)
    sent = {**page.form(KEEP).fields.to_dict(), VOLUME: "8", "then": then}
    answer = as_provider.client.post(QUESTIONS, data=sent)
    assert answer.status_code == 409
    assert f"This listing is {state.value}" in answer.get_data(as_text=True)
    assert then == "auto" or 'value="8"' in answer.get_data(as_text=True)
    assert session.query(Attestation).count() == 0


@pytest.mark.usefixtures("listing")
@pytest.mark.parametrize("version", ["", "0", "1-1", "0-0-0", "9" * 50, "x\0", "0-0"])
def test_a_window_that_cannot_say_what_it_was_opened_on_is_no_reason_to_lose_anything(
    as_provider: Browser, session: Session, version: str
) -> None:
    as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, {BONE: "tibia"})
    page = as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, {BONE: "femur", "version": version})
    assert page.status == 409
    assert stored(session).answers == {"harvest_bone": "tibia"}


@pytest.mark.usefixtures("listing")
def test_an_unknown_question_to_choose_on_is_no_matter(as_provider: Browser, session: Session) -> None:
    sent = {VOLUME: "8", "clash": ["no_such_question", "../etc"], "choose-no_such_question": "stored"}
    assert as_provider.press(as_provider.open(QUESTIONS), SAVE_GRADED, sent).status == 200
    assert stored(session).answers == {"volume_per_site_ml": 8}
