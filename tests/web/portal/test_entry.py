"""The entry: what is refused, what is kept, and that nothing typed is ever lost."""

import pytest
from sqlalchemy.orm import Session
from support.factories import make_address, make_listing
from support.http_client import Browser, Page
from support.listing_form import COMPLETE as GOOD

from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.listing_data import MAX_TYPED_LOCATIONS
from directory.listings.tables import Listing, ListingMove
from directory.outbox.tables import Email

NEW = "/portal/listings/new"
SAVE = "Save and continue"


def save(browser: Browser, **changes: str | None) -> Page:
    values = GOOD | {name.replace("__", "-"): value for name, value in changes.items()}
    return browser.press(browser.open(NEW), SAVE, values)


def test_the_list_is_empty_at_first_and_says_what_to_do(as_provider: Browser) -> None:
    page = as_provider.open("/portal/")
    assert "You have no listing yet" in page.text
    assert NEW in page.html


def test_an_empty_form_is_refused_with_a_sentence_for_each_field_beside_it_and_above(as_provider: Browser) -> None:
    page = as_provider.press(as_provider.open(NEW), SAVE)
    assert page.status == 422
    for field in (
        "name",
        "npi",
        "addresses-0-line1",
        "addresses-0-city",
        "addresses-0-state",
        "addresses-0-postal_code",
    ):
        assert f'href="#{field}"' in page.html, field
        assert f'id="{field}-error"' in page.html, field


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("npi", "1234567890", "this one has a typing error"),
        ("npi", "", "Enter the NPI"),
        ("name", "x" * 10_000, "at most 200 characters; this has 10,000"),
        ("name", "Ann\0Example", "cannot be seen"),
        ("name", "\u202eelpmaxE nnA", "cannot be seen"),
        ("kind", "robot", "a person, or a clinic"),
        ("kind", None, "a person, or a clinic"),
        ("specialty_code", "XX", "from the list"),
        ("website", "javascript:alert(1)", "https://"),
        ("website", "https://user:pw@clinic.example.org", "such as https://clinic.example.org"),
        ("website", "clinic", "https://"),
        ("appointment_url", "ftp://clinic.example.org", "https://"),
        ("phone", ".......", "The phone number must have ten digits, area code first"),
        ("addresses-0-fax", "103-555-0100", "The fax number must have ten digits"),
        ("name", "\U0001f9b4\U0001f9b4", "must have a letter"),
        ("practice", "\u2605\u2605\u2605", "must have a letter"),
        ("price_note", "$5 " * 101, "at most 300 characters"),
        ("phone", "call me", "must have ten digits"),
        ("addresses-0-second_phone", "1-800-FLOWER", "The second phone number must have ten digits"),
        ("addresses-0-state", "ZZ", "two-letter"),
        ("addresses-0-state", None, "two-letter"),
        ("addresses-0-postal_code", "8002", "five digits"),
        ("addresses-0-line1", None, "Enter the street address"),
    ],
)
def test_what_breaks_a_limit_comes_back_with_a_sentence_and_all_that_was_typed(
    as_provider: Browser, session: Session, field: str, typed: str | None, sentence: str
) -> None:
    page = as_provider.press(as_provider.open(NEW), SAVE, GOOD | {"credential": "MD", field: typed})
    assert page.status == 422
    assert sentence in page.text
    form = page.form(SAVE)
    kept = {name: value for name, value in (GOOD | {"credential": "MD"}).items() if name not in {field, "kind"}}
    assert {name: form.fields.get(name) for name in kept} == kept
    assert session.query(Listing).count() == 0


@pytest.mark.parametrize(
    "name",
    [
        "J",
        "O\u2019Hara",
        "D'Arcy",
        "Mar\u00eda Garc\u00eda L\u00f3pez",
        "\u674e\u5c0f\u9f8d",
        "\u0410\u043d\u043d\u0430",
    ],
)
def test_names_of_one_letter_with_apostrophes_two_surnames_and_other_scripts_are_names(
    as_provider: Browser, session: Session, name: str
) -> None:
    assert save(as_provider, name=name).status == 200
    assert session.query(Listing).one().name == name


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("clinic.example.org", "https://clinic.example.org"),
        ("clinic.example.org/knee?a=b", "https://clinic.example.org/knee?a=b"),
        ("http://clinic.example.org", "http://clinic.example.org"),
        ("m\u00fcller.example", "https://m\u00fcller.example"),
    ],
)
def test_a_website_without_https_gets_it(as_provider: Browser, session: Session, typed: str, stored: str) -> None:
    assert save(as_provider, website=typed, appointment_url=typed).status == 200
    row = session.query(Listing).one()
    assert (row.website, row.appointment_url) == (stored, stored)


def test_an_npi_may_be_grouped_and_a_clinic_may_have_none(as_provider: Browser, session: Session) -> None:
    assert "kept as a draft" in save(as_provider, npi="1234 567 893").text
    assert "kept as a draft" in save(as_provider, kind="clinic", npi="", name="Clinic").text
    assert sorted((row.kind, row.npi) for row in session.query(Listing)) == [("clinic", None), ("person", "1234567893")]


def test_an_npi_that_is_listed_is_refused_and_nothing_is_lost(as_provider: Browser) -> None:
    save(as_provider)
    page = save(as_provider, name="Twin Example")
    assert page.status == 409
    assert "NPI 1234567893 is listed already" in page.text
    assert page.form(SAVE).fields["name"] == "Twin Example"


def test_an_address_is_placed_when_it_is_saved(as_provider: Browser, session: Session) -> None:
    page = save(as_provider)
    assert "Placed in the middle of its ZIP code" in page.text
    location = session.query(Listing).one().locations[0]
    assert location.lat == pytest.approx(39.9, abs=0.2)
    assert location.lon == pytest.approx(-105.1, abs=0.2)


def test_an_address_that_cannot_be_placed_is_kept_and_said(as_provider: Browser, session: Session) -> None:
    page = save(as_provider, addresses__0__city="Nowhereatall", addresses__0__postal_code="00000")
    assert "We could not place this address on the map" in page.text
    assert session.query(Listing).one().locations[0].lat is None


def test_addresses_are_added_and_removed_by_buttons_and_nothing_typed_is_lost(
    as_provider: Browser, session: Session
) -> None:
    page = as_provider.press(as_provider.open(NEW), "Add another address", GOOD | {"credential": "MD"})
    assert page.status == 200
    second = {"line1": "2 Second Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    page = as_provider.press(
        page, "Add another address", {f"addresses-1-{name}": value for name, value in second.items()}
    )
    assert page.form(SAVE).fields["addresses-2-line1"] == ""
    page = as_provider.press(page, "Remove address 1")
    form = page.form(SAVE)
    assert (form.fields["addresses-0-line1"], form.fields["credential"]) == ("2 Second Street", "MD")
    assert "addresses-2-line1" not in form.fields
    as_provider.press(page, SAVE)
    assert [row.line1 for row in session.query(Listing).one().locations] == ["2 Second Street"]


def test_the_last_address_cannot_be_removed_nor_more_added_than_fit(as_provider: Browser) -> None:
    page = as_provider.open(NEW)
    sent = dict(page.form(SAVE).fields) | GOOD
    for wish in ({"remove": "0"}, {"remove": "99"}, {"remove": "x"}):
        answer = Page(as_provider.client.post(NEW, data=sent | wish))
        assert answer.form(SAVE).fields["addresses-0-line1"] == GOOD["addresses-0-line1"], wish
    many = {f"addresses-{n}-line1": f"{n} Street" for n in range(MAX_TYPED_LOCATIONS)}
    answer = Page(as_provider.client.post(NEW, data=sent | many | {"add": "1"}))
    assert f"addresses-{MAX_TYPED_LOCATIONS}-line1" not in answer.form(SAVE).fields


def test_more_addresses_than_a_listing_has_are_refused(as_provider: Browser) -> None:
    row = {name.removeprefix("addresses-0-"): value for name, value in GOOD.items() if name.startswith("addresses")}
    many = {f"addresses-{n}-{name}": value for n in range(MAX_TYPED_LOCATIONS + 1) for name, value in row.items()}
    page = as_provider.press(as_provider.open(NEW), SAVE, GOOD | many)
    assert page.status == 422
    assert "1 to 20 addresses; this has 21" in page.text


def test_fields_that_no_form_has_change_nothing(as_provider: Browser, session: Session) -> None:
    sent = dict(as_provider.open(NEW).form(SAVE).fields) | GOOD
    forged = {"state": "published", "owner_id": "1", "slug": "mine", "source": "nppes", "last_confirmed": "2026-01-01"}
    as_provider.client.post(NEW, data=sent | forged)
    row = session.query(Listing).one()
    assert (row.state, row.slug, row.source, row.last_confirmed) == (
        ListingState.DRAFT,
        "ann-example-broomfield-co",
        "provider",
        None,
    )


def test_what_was_changed_meanwhile_is_shown_beside_what_was_typed(
    as_provider: Browser, provider: Account, session: Session
) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, name="As it was", npi="1234567893")
    session.commit()
    mine, other = as_provider.open("/portal/listings/1/edit"), as_provider.open("/portal/listings/1/edit")
    as_provider.press(other, SAVE, {"name": "Changed in the other window"})
    page = as_provider.press(mine, SAVE, {"name": "Typed here", "credential": "DO"})
    assert page.status == 409
    assert "Changed in the other window" in page.text
    assert page.form(SAVE).fields["name"] == "Typed here"
    assert page.form(SAVE).fields["credential"] == "DO"
    assert session.get_one(Listing, 1).name == "Changed in the other window"
    assert as_provider.press(page, SAVE).status == 200
    session.expire_all()
    assert session.get_one(Listing, 1).name == "Typed here"


@pytest.mark.parametrize("version", ["", "abc", "-1", "1" * 30, "\u0661"])
def test_a_version_that_was_tampered_with_is_an_older_one(
    as_provider: Browser, provider: Account, session: Session, version: str
) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, name="As it was", npi="1234567893")
    session.commit()
    page = as_provider.press(as_provider.open("/portal/listings/1/edit"), SAVE, {"name": "Typed", "version": version})
    assert page.status == 409


def test_a_submitted_entry_is_changed_no_more(as_provider: Browser, provider: Account, session: Session) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, name="As it was", npi="1234567893")
    session.commit()
    edit = as_provider.open("/portal/listings/1/edit")
    as_provider.press(as_provider.open("/portal/listings/1"), "Submit for publication")
    page = as_provider.press(edit, SAVE, {"name": "Too late"})
    assert page.status == 409
    session.expire_all()
    assert session.get_one(Listing, 1).name == "As it was"


def test_an_entry_is_submitted_once(as_provider: Browser, provider: Account, session: Session) -> None:
    make_listing(session, provider, state=ListingState.DRAFT)
    session.commit()
    page = as_provider.open("/portal/listings/1")
    for _ in range(2):  # a double click
        assert "waits for a reviewer" in as_provider.press(page, "Submit for publication").text
    assert [row.move for row in session.query(ListingMove)] == ["submit"]
    assert [row.letter for row in session.query(Email)] == ["listing_received"]


def test_a_draft_that_was_changed_in_another_window_is_not_submitted_unseen(
    as_provider: Browser, provider: Account, session: Session
) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, npi="1234567893")
    session.commit()
    page = as_provider.open("/portal/listings/1")
    as_provider.press(as_provider.open("/portal/listings/1/edit"), SAVE, {"name": "Changed"})
    assert as_provider.press(page, "Submit for publication").status == 409
    assert session.query(ListingMove).count() == 0


def test_a_specialty_of_the_registry_that_is_not_on_our_list_stays(
    as_provider: Browser, provider: Account, session: Session
) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, specialty_code="363A00000X", npi="1234567893")
    session.commit()
    page = as_provider.press(as_provider.open("/portal/listings/1/edit"), SAVE, {"name": "Changed"})
    assert "363A00000X" in page.text
    session.expire_all()
    assert session.get_one(Listing, 1).specialty_code == "363A00000X"


def test_somebody_elses_listing_is_not_there(as_other_provider: Browser, provider: Account, session: Session) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, addresses=(make_address(), make_address()))
    session.commit()
    token = as_other_provider.open(NEW).form(SAVE).fields["csrf_token"]
    for path in ("", "/edit", "/attestation"):
        assert as_other_provider.open(f"/portal/listings/1{path}").status == 404
    for path in ("/edit", "/submit", "/attestation"):
        answer = as_other_provider.client.post(
            f"/portal/listings/1{path}", data=GOOD | {"csrf_token": token, "version": "1"}
        )
        assert answer.status_code == 404, path
    assert "Ann" not in as_other_provider.open("/portal/").text


@pytest.mark.parametrize("number", ["0", "2", "2147483647", "2147483648", "99999999999999999999", "-1", "x", "1.0"])
def test_numbers_behind_which_there_is_nothing_are_not_found(as_provider: Browser, number: str) -> None:
    for path in ("listings/{}", "listings/{}/edit", "attestations/{}", "attestations/{}/review"):
        assert as_provider.open(f"/portal/{path.format(number)}").status == 404, path


def test_what_is_typed_is_shown_and_never_run(as_provider: Browser) -> None:
    page = save(as_provider, name="<script>alert(1)</script>", credential='"><img src=x onerror=alert(1)>')
    assert page.status == 200
    assert "<script>alert" not in page.html
    assert "<img" not in page.html
    assert "<script>alert(1)</script>" in page.text
