"""The listing's form sent twice, again after “Back”, and from two windows: one draft, and no text is lost."""

import threading

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import make_address, make_listing, sign_in
from support.http_client import Browser, Page

from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

GOOD = {
    "kind": "person",
    "name": "Ann Example",
    "npi": "1234567893",
    "addresses-0-line1": "403 Summit Boulevard",
    "addresses-0-city": "Broomfield",
    "addresses-0-state": "CO",
    "addresses-0-postal_code": "80021",
}
NEW, EDIT, SAVE = "/portal/listings/new", "/portal/listings/1/edit", "Save and continue"


@pytest.fixture
def draft(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider, state=ListingState.DRAFT, name="As it was", npi="1234567893", practice="P")
    session.commit()
    return made


def stored(session: Session) -> list[tuple[str, str, str]]:
    session.rollback()
    session.expire_all()
    return [(row.name, row.credential, row.practice) for row in session.query(Listing).order_by(Listing.id)]


def test_a_form_that_is_sent_twice_makes_one_draft(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(NEW)
    for _ in range(3):
        assert as_provider.press(page, SAVE, GOOD).path == "/portal/listings/1"
    assert [name for name, *_ in stored(session)] == ["Ann Example"]
    assert (
        as_provider.press(as_provider.open(NEW), SAVE, GOOD | {"npi": "", "kind": "clinic"}).path
        == "/portal/listings/2"
    )


def test_back_and_save_again_changes_the_draft_and_makes_no_second_one(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(NEW)
    as_provider.press(page, SAVE, GOOD)
    assert as_provider.press(page, SAVE, GOOD | {"name": "Ann B. Example"}).path == "/portal/listings/1"
    assert [name for name, *_ in stored(session)] == ["Ann B. Example"]


def test_back_and_save_again_does_not_revert_what_was_changed_since(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(NEW)
    as_provider.press(page, SAVE, GOOD)
    as_provider.press(as_provider.open(EDIT), SAVE, {"name": "Corrected"})
    late = as_provider.press(page, SAVE, GOOD | {"credential": "MD"})
    assert late.status == 409
    assert "Corrected" in late.text
    assert stored(session)[0][0] == "Corrected"
    as_provider.press(late, SAVE, {"name": "Corrected"})
    assert stored(session) == [("Corrected", "MD", "")]


def test_two_that_come_at_the_same_moment_make_one_draft(app: Flask, provider: Account, session: Session) -> None:
    first = Browser(sign_in(app.test_client(), provider))
    form = dict(first.open(NEW).form(SAVE).fields) | GOOD
    cookie = first.client.get_cookie("bma")
    assert cookie is not None
    start, answers = threading.Barrier(2), []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("bma", cookie.value)
        start.wait()
        answers.append(Page(client.post(NEW, data=form)))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored(session)) == 1
    # PostgreSQL does not use again the number of the one that was refused.
    made = session.query(Listing).one().id
    assert {(page.status, page.location) for page in answers} == {(303, f"/portal/listings/{made}")}
    assert len(answers) == 2


@pytest.mark.parametrize("key", ["", "x", "A" * 32, "0" * 33, "\0" * 32, "' OR 1=1"])
def test_a_key_that_was_altered_is_none(as_provider: Browser, key: str) -> None:
    assert as_provider.press(as_provider.open(NEW), SAVE, GOOD | {"form_key": key}).path == "/portal/listings/1"


def test_the_key_of_another_provider_shows_nothing_of_their_draft(
    as_provider: Browser, as_other_provider: Browser, session: Session
) -> None:
    page = as_provider.open(NEW)
    as_provider.press(page, SAVE, GOOD | {"name": "Secret Draft"})
    key = str(page.form(SAVE).fields["form_key"])
    other = as_other_provider.press(
        as_other_provider.open(NEW), SAVE, GOOD | {"npi": "", "kind": "clinic", "form_key": key}
    )
    assert other.status == 409
    assert "Secret" not in other.text
    assert len(stored(session)) == 1


def test_changes_of_two_windows_to_different_fields_are_both_kept(
    as_provider: Browser, session: Session, draft: Listing
) -> None:
    mine, other = as_provider.open(EDIT), as_provider.open(EDIT)
    as_provider.press(other, SAVE, {"practice": "New practice"})
    page = as_provider.press(mine, SAVE, {"credential": "DO"})
    assert page.status == 409
    assert "Practice or group New practice You did not change it" in page.text
    assert "Credential" not in page.text.partition("What differs")[2].partition("Who is listed")[0]
    fields = page.form(SAVE).fields
    assert (fields["practice"], fields["credential"]) == ("New practice", "DO")
    assert as_provider.press(page, SAVE).status == 200
    assert stored(session) == [(draft.name, "DO", "New practice")]


@pytest.mark.usefixtures("draft")
def test_only_what_both_windows_changed_stands_as_typed(as_provider: Browser, session: Session) -> None:
    mine, other = as_provider.open(EDIT), as_provider.open(EDIT)
    as_provider.press(other, SAVE, {"name": "Theirs", "practice": ""})
    page = as_provider.press(mine, SAVE, {"name": "Mine"})
    assert page.status == 409
    assert "Theirs Mine" in page.text
    assert page.text.count("You did not change it") == 1
    assert as_provider.press(page, SAVE).status == 200
    assert stored(session) == [("Mine", "MD", "")]


@pytest.mark.usefixtures("draft")
def test_a_change_of_one_address_says_which(as_provider: Browser, session: Session) -> None:
    as_provider.press(as_provider.press(as_provider.open(EDIT), "Add another address"), SAVE, {
        f"addresses-1-{name}": value
        for name, value in {"line1": "2 Road", "city": "Denver", "state": "CO", "postal_code": "80202"}.items()
    })  # fmt: skip
    mine, other = as_provider.open(EDIT), as_provider.open(EDIT)
    as_provider.press(other, SAVE, {"addresses-1-line1": "3 Road"})
    page = as_provider.press(mine, SAVE, {"name": "Mine"})
    assert page.status == 409
    assert "Address 2: Street address 3 Road" in page.text
    as_provider.press(page, SAVE)
    session.expire_all()
    assert [row.line1 for row in session.get_one(Listing, 1).locations][1] == "3 Road"


@pytest.mark.usefixtures("draft")
def test_an_address_that_another_window_added_is_not_lost(as_provider: Browser, session: Session) -> None:
    mine, other = as_provider.open(EDIT), as_provider.open(EDIT)
    as_provider.press(as_provider.press(other, "Add another address"), SAVE, {
        f"addresses-1-{name}": value
        for name, value in {"line1": "2 Road", "city": "Denver", "state": "CO", "postal_code": "80202"}.items()
    })  # fmt: skip
    page = as_provider.press(mine, SAVE, {"name": "Mine"})
    assert page.status == 409
    assert page.form(SAVE).fields["addresses-1-line1"] == "2 Road"
    as_provider.press(page, SAVE)
    session.expire_all()
    made = session.get_one(Listing, 1)
    assert (made.name, len(made.locations)) == ("Mine", 2)


@pytest.mark.usefixtures("draft")
def test_a_double_click_on_save_is_saved_once(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(EDIT)
    typed = {"name": " Changed ", "npi": "1234 567 893", "addresses-0-opening_hours-monday": "8-12"}
    assert as_provider.press(page, SAVE, typed).status == 200
    version = session.query(Listing.version).scalar()
    session.rollback()
    assert as_provider.press(page, SAVE, typed).status == 200
    assert session.query(Listing.version).scalar() == version


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize("base", ["", "x", "[]", "{}", '{"name": 1}', "[" * 10_000, '{"name": ["\\ud800"]}'])
def test_without_the_values_it_was_made_from_every_difference_counts_as_typed(
    as_provider: Browser, session: Session, base: str
) -> None:
    mine, other = as_provider.open(EDIT), as_provider.open(EDIT)
    as_provider.press(other, SAVE, {"practice": "New practice"})
    page = as_provider.press(mine, SAVE, {"base": base, "name": "Mine"})
    assert page.status == 409
    assert "New practice" in page.text
    assert stored(session) == [("As it was", "MD", "New practice")]


def test_the_address_of_a_listing_is_the_one_that_was_typed_and_not_the_one_before(
    as_provider: Browser, provider: Account, session: Session
) -> None:
    spots = (make_address(line1="1 Road"), make_address(line1="2 Road"))
    make_listing(session, provider, state=ListingState.DRAFT, npi="1234567893", addresses=spots)
    session.commit()
    page = as_provider.press(as_provider.open(EDIT), "Remove address 1")
    as_provider.press(page, SAVE)
    session.expire_all()
    assert [row.line1 for row in session.get_one(Listing, 1).locations] == ["2 Road"]


def test_the_address_of_a_new_form_leads_to_the_draft_that_it_made(as_provider: Browser) -> None:
    address = as_provider.open(NEW, follow=False).location
    assert as_provider.open(NEW, follow=False).location != address
    page = as_provider.open(address)
    as_provider.press(page, SAVE, GOOD)
    assert as_provider.open(address).path == EDIT
    for altered in ("x", "A" * 32, "\0"):
        assert as_provider.open(f"{NEW}?form={altered}", follow=False).location.startswith(f"{NEW}?form=")
