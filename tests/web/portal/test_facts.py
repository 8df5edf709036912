"""Languages and new patients: how they are stated, what is refused, and how a public entry is kept up to date."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser, Page
from support.listing_form import COMPLETE as GOOD
from support.page_text import visible_text

from directory import clock
from directory.accounts.tables import Account
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES
from directory.listings.lifecycle import ListingState
from directory.listings.queries import owner_statements, public_changes
from directory.listings.tables import Listing

NEW, MINE, FACTS = "/portal/listings/new", "/portal/listings/1", "/portal/listings/1/listing/patients"
SAVE, STATE, RIGHT = "Save and continue", "Save", "Confirm that this listing is still right"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    """Public for 400 days, and confirmed then for the last time."""
    now = clock.now() - timedelta(days=400)
    made = make_listing(session, provider, now=now, languages=("en", "es"), accepts_new_patients=True)
    session.commit()
    return made


def chosen(page: Page, button: str) -> tuple[list[str], str | None]:
    """What is ticked in the form of that button."""
    fields = page.form(button).fields
    return fields.getlist("languages"), fields.get("accepts_new_patients")


def stored(session: Session) -> tuple[list[str], bool | None]:
    session.expire_all()
    row = session.query(Listing).one()
    return row.languages, row.accepts_new_patients


def test_at_first_nothing_is_chosen_and_nothing_has_to_be(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(NEW)
    assert chosen(page, SAVE) == ([], "")
    assert all(f'value="{code}"' in page.html and label in page.text for code, label in LANGUAGES.items())
    kept = as_provider.press(page, SAVE, GOOD)
    assert "Takes new patients Not stated Languages spoken Not stated" in kept.text
    assert stored(session) == ([], None)


@pytest.mark.parametrize(("said", "meant"), [("yes", True), ("no", False), ("", None)])
def test_what_is_chosen_is_kept_and_stands_in_the_form_again(
    as_provider: Browser, session: Session, said: str, meant: bool | None
) -> None:
    spoken = ["ase", "en", "ht"]
    as_provider.press(as_provider.open(NEW), SAVE, GOOD | {"languages": spoken, "accepts_new_patients": said})
    assert stored(session) == (["en", "ht", "ase"], meant)
    assert chosen(as_provider.open(f"{MINE}/edit"), SAVE) == (["en", "ht", "ase"], said)
    as_provider.press(as_provider.open(f"{MINE}/edit"), SAVE, {"languages": None})
    assert stored(session) == ([], meant)


def test_a_browser_that_leaves_the_choice_out_states_nothing(as_provider: Browser, session: Session) -> None:
    as_provider.press(as_provider.open(NEW), SAVE, GOOD | {"accepts_new_patients": None})
    assert stored(session) == ([], None)


@pytest.mark.parametrize(
    ("field", "typed", "sentence", "link"),
    [
        ("languages", ["en", "tlh"], "'tlh' is not on it", "#languages-0"),
        ("languages", list(LANGUAGES)[: MAX_LANGUAGES + 1], "at most 10; these are 11", "#languages-0"),
        ("accepts_new_patients", ["maybe"], "yes, no, or neither", "#accepts_new_patients-0"),
        ("accepts_new_patients", ["True"], "yes, no, or neither", "#accepts_new_patients-0"),
    ],
)
def test_what_cannot_be_stated_comes_back_with_a_sentence_and_all_that_was_typed(
    as_provider: Browser, session: Session, field: str, typed: list[str], sentence: str, link: str
) -> None:
    page = as_provider.press(
        as_provider.open(NEW), SAVE, GOOD | {"credential": "MD", "languages": ["es"], field: typed}
    )
    assert page.status == 422
    assert sentence in page.text
    assert f'href="{link}"' in page.html
    assert page.form(SAVE).fields["credential"] == "MD"
    assert set(chosen(page, SAVE)[0]) == (set(typed) & LANGUAGES.keys() if field == "languages" else {"es"})
    assert session.query(Listing).count() == 0


def test_everything_that_is_wrong_is_said_at_once(as_provider: Browser) -> None:
    wrong = {"name": "", "languages": ["tlh"], "accepts_new_patients": "maybe"}
    page = as_provider.press(as_provider.open(NEW), SAVE, GOOD | wrong)
    for sentence in ("Enter the name", "'tlh' is not on it", "yes, no, or neither"):
        assert sentence in page.text


def test_one_address_more_or_less_loses_nothing_of_it(as_provider: Browser) -> None:
    facts = {"languages": ["en", "ja"], "accepts_new_patients": "no"}
    page = as_provider.press(as_provider.open(NEW), "Add another address", GOOD | facts)
    assert chosen(page, SAVE) == (["en", "ja"], "no")
    page = as_provider.press(page, "Remove address 1")
    assert chosen(page, SAVE) == (["en", "ja"], "no")


def test_two_windows_are_shown_both_in_words(as_provider: Browser, provider: Account, session: Session) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, npi="1234567893")
    session.commit()
    mine = as_provider.open(f"{MINE}/edit")
    as_provider.press(as_provider.open(f"{MINE}/edit"), SAVE, {"languages": ["es"], "accepts_new_patients": "no"})
    page = as_provider.press(mine, SAVE, {"languages": ["en", "ko"], "accepts_new_patients": "yes"})
    assert page.status == 409
    assert "Do you accept new patients? No Yes" in page.text
    assert "Languages spoken with patients Spanish English, Korean" in page.text
    assert stored(session) == (["es"], False)


def test_an_entry_is_confirmed_by_one_press_and_patients_see_the_day(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    today = clock.now().date()
    shown = f"Last confirmed {today:%b} {today.day}, {today.year}"
    public = f"/providers/{listing.slug}"
    assert shown not in visible_text(client.get(public))
    page = as_provider.press(as_provider.open(MINE), RIGHT)
    assert (page.status, page.path) == (200, MINE)
    assert shown in page.text
    assert "Confirmed to be still right" in page.text
    assert shown in visible_text(client.get(public))
    assert stored(session) == (["en", "es"], True)


def test_a_second_press_says_nothing_more(as_provider: Browser, session: Session, listing: Listing) -> None:
    page = as_provider.open(MINE)
    for _ in range(2):
        assert as_provider.press(page, RIGHT).status == 200
    facts = as_provider.open(FACTS)
    for _ in range(2):
        assert as_provider.press(facts, STATE, {"languages": ["fr"]}).status == 200
    session.expire_all()
    assert len(owner_statements(session, listing.id)) == 2
    assert len(public_changes(session, listing.id)) == 1


def test_what_has_changed_is_stated_anew_and_counts_at_once(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    page = as_provider.open(FACTS)
    assert chosen(page, STATE) == (["en", "es"], "yes")
    done = as_provider.press(page, STATE, {"languages": ["en", "vi"], "accepts_new_patients": "no"})
    assert done.path == FACTS
    assert "Patients see it now" in done.text
    told = as_provider.open(MINE).text
    assert "Takes new patients: Yes → No. Languages spoken: English, Spanish → English, Vietnamese." in told
    assert stored(session) == (["en", "vi"], False)
    said = visible_text(client.get(f"/providers/{listing.slug}"))
    assert "Takes no new patients now · Speaks English, Vietnamese" in said
    assert "Takes new patients No Languages spoken English, Vietnamese" in said


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"languages": ["tlh"]}, "not on it"), ({"accepts_new_patients": "maybe"}, "yes, no, or neither")],
)
@pytest.mark.usefixtures("listing")
def test_what_cannot_be_stated_anew_comes_back(
    as_provider: Browser, session: Session, wrong: dict[str, str | list[str]], sentence: str
) -> None:
    page = as_provider.press(as_provider.open(FACTS), STATE, wrong)
    assert page.status == 422
    assert sentence in page.text
    assert stored(session) == (["en", "es"], True)
    assert as_provider.press(page, STATE, {"languages": ["en"], "accepts_new_patients": "no"}).status == 200


@pytest.mark.usefixtures("listing")
def test_what_another_window_stated_is_shown_beside_what_was_chosen_here(
    as_provider: Browser, session: Session
) -> None:
    mine = as_provider.open(FACTS)
    as_provider.press(as_provider.open(FACTS), STATE, {"accepts_new_patients": "no"})
    page = as_provider.press(mine, STATE, {"accepts_new_patients": ""})
    assert page.status == 409
    assert "Do you accept new patients? No –" in page.text
    assert stored(session) == (["en", "es"], False)
    assert as_provider.press(page, STATE).status == 200
    assert stored(session) == (["en", "es"], None)


@pytest.mark.usefixtures("listing")
def test_what_another_window_stated_is_not_reverted_by_a_change_of_something_else(
    as_provider: Browser, session: Session
) -> None:
    mine = as_provider.open(FACTS)
    as_provider.press(as_provider.open(FACTS), STATE, {"accepts_new_patients": "no"})
    page = as_provider.press(mine, STATE, {"languages": ["fr"]})
    assert page.status == 409
    assert "Do you accept new patients? No You did not change it" in page.text
    assert chosen(page, STATE) == (["fr"], "no")
    assert as_provider.press(page, STATE).status == 200
    assert stored(session) == (["fr"], False)


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_only_what_patients_find_is_confirmed(
    as_provider: Browser, provider: Account, session: Session, state: ListingState
) -> None:
    make_listing(session, provider, state=state)
    session.commit()
    page = as_provider.open(MINE)
    assert RIGHT not in page.html
    is_changeable = state is ListingState.SUSPENDED
    assert as_provider.open(FACTS).path == (FACTS if is_changeable else MINE)
    token = as_provider.open(NEW).form(SAVE).fields["csrf_token"]
    sent = {"csrf_token": token, "version": str(session.query(Listing).one().version), "languages": "ja"}
    assert as_provider.client.post(f"{MINE}/confirm", data=sent).status_code == 409
    assert as_provider.client.post(FACTS, data=sent).status_code == (303 if is_changeable else 409)
    assert stored(session) == (["ja"] if is_changeable else [], None)


@pytest.mark.usefixtures("listing")
def test_the_former_page_of_the_facts_leads_to_the_section_that_has_them(as_provider: Browser) -> None:
    assert as_provider.open("/portal/listings/1/facts").path == FACTS


def test_an_entry_that_was_taken_off_meanwhile_is_not_confirmed(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    page = as_provider.open(MINE)
    listing.state = ListingState.SUSPENDED
    session.commit()
    assert as_provider.press(page, RIGHT).status == 409


@pytest.mark.usefixtures("listing")
def test_nobody_confirms_somebody_elses_entry(
    as_other_provider: Browser, as_provider: Browser, session: Session
) -> None:
    sent = dict(as_provider.open(FACTS).form(STATE).fields)
    sent["csrf_token"] = as_other_provider.open(NEW).form(SAVE).fields["csrf_token"]
    assert as_other_provider.open(FACTS).status == 404
    for path in (FACTS, f"{MINE}/confirm"):
        assert as_other_provider.client.post(path, data=sent | {"languages": "ja"}).status_code == 404
    assert stored(session) == (["en", "es"], True)


@pytest.mark.usefixtures("listing")
def test_nobody_is_made_to_confirm_by_another_site(as_provider: Browser, session: Session) -> None:
    sent = dict(as_provider.open(FACTS).form(STATE).fields) | {"csrf_token": "forged", "languages": "ja"}
    for path in (FACTS, f"{MINE}/confirm"):
        assert as_provider.client.post(path, data=sent).status_code == 400
    assert stored(session) == (["en", "es"], True)
