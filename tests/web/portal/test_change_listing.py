"""How a provider changes a published listing: what counts at once, what is sent to a reviewer, and who sees what."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_address, make_attestation, make_listing
from support.http_client import Browser
from support.page_text import visible_text

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingRevision

MINE = "/portal/listings/1"
WHO, PLACES, PATIENTS = (f"{MINE}/listing/{section}" for section in ("who", "places", "patients"))
SAVE, SEND, TAKE_BACK, PUT_BACK = "Save", "Send for review", "Take back", "Put back"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    addresses = (make_address(), make_address(line1="88 Larkmere Street", city="Boulder", postal_code="80302"))
    made = make_listing(session, provider, name="Ann Example", npi="1234567893", addresses=addresses)
    session.commit()
    return made


def public(client: FlaskClient, listing: Listing) -> str:
    return visible_text(client.get(f"/providers/{listing.slug}"))


def stored(session: Session) -> Listing:
    session.expire_all()
    return session.get_one(Listing, 1)


def test_a_phone_and_hours_are_public_as_soon_as_they_are_saved(
    as_provider: Browser, client: FlaskClient, listing: Listing
) -> None:
    page = as_provider.open(PATIENTS)
    assert "Goes live at once" in page.text
    typed = {"phone": "303-555-0142", "locations-1-phone": "303-555-0188", "locations-1-opening_hours-monday": "8-12"}
    done = as_provider.press(page, SAVE, typed)
    assert "Patients see it now" in done.text
    shown = public(client, listing)
    for text in ("(303) 555-0142", "(303) 555-0188", "Mon 8 am to noon"):
        assert text in shown
    assert "303-555-0100 → 303-555-0142" in as_provider.open(MINE).text
    told = visible_text(client.get(f"/providers/{listing.slug}/history"))
    assert "Changed by the provider" in told
    assert "Phone: 303-555-0100 → is now 303-555-0142" in told
    assert "Pat Provider" not in told


def test_a_name_is_public_after_a_reviewer_accepted_it(
    as_provider: Browser, as_reviewer: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    page = as_provider.open(WHO)
    assert "A reviewer looks at this" in page.text
    saved = as_provider.press(page, SAVE, {"name": "Ann Examplesdottir"})
    assert "removed: Example added: Examplesdottir" in saved.text
    assert "Ann Examplesdottir" not in public(client, listing)
    sent = as_provider.press(saved, SEND)
    assert "Waits for a reviewer since" in sent.text
    queue = as_reviewer.open("/console/")
    assert "Change · Name" in queue.text
    case = as_reviewer.open("/console/revisions/1")
    assert "removed: Example added: Examplesdottir" in case.text
    assert "name another provider" in case.text
    assert as_reviewer.press(case, "Accept").status == 200
    assert "Ann Examplesdottir" in public(client, listing)
    assert "Nothing waits" in as_reviewer.open("/console/").text
    told = visible_text(client.get(f"/providers/{listing.slug}/history"))
    assert "A person here looked at this change before it was shown." in told
    assert "A change was accepted" in as_provider.open(MINE).text
    assert stored(session).name == "Ann Examplesdottir"


def test_a_changed_person_loses_the_badge_and_is_told_before(
    as_provider: Browser, as_reviewer: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    make_attestation(session, listing)
    session.commit()
    assert "Self-certified" in public(client, listing)
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"name": "Bo Other"})
    assert "shows no badge until you sign again" in saved.text
    as_provider.press(saved, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/1"), "Accept")
    assert "We took their answers down" in public(client, listing)


@pytest.mark.usefixtures("listing")
def test_what_was_returned_comes_back_with_the_reason_and_can_be_sent_again(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    as_provider.press(as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Best Practice"}), SEND)
    case = as_reviewer.open("/console/revisions/1")
    assert as_reviewer.press(case, "Return with the reason").status == 422
    as_reviewer.press(case, "Return with the reason", {"reason": "Best of what?"})
    page = as_provider.open(WHO)
    assert "A reviewer did not accept your last change Best of what?" in page.text
    assert page.form(SAVE).fields["practice"] == "Best Practice"
    as_provider.press(as_provider.press(page, SAVE, {"practice": "A Practice"}), SEND)
    assert "A reviewer did not accept" not in as_provider.open(MINE).text
    as_reviewer.press(as_reviewer.open("/console/revisions/2"), "Accept")
    assert stored(session).practice == "A Practice"


def test_a_change_is_taken_back_and_put_back(as_provider: Browser, session: Session, listing: Listing) -> None:
    sent = as_provider.press(as_provider.press(as_provider.open(WHO), SAVE, {"practice": "New"}), SEND)
    back = as_provider.press(sent, TAKE_BACK)
    assert "Not sent" in back.text
    assert as_provider.open(WHO).form(SAVE).fields["practice"] == "New"
    gone = as_provider.press(back, PUT_BACK)
    assert "Not public yet" not in gone.text
    assert as_provider.press(back, PUT_BACK).status == 404
    assert session.query(ListingRevision).filter_by(state="draft").count() == 0
    assert stored(session).practice == listing.practice


@pytest.mark.usefixtures("listing")
def test_an_address_is_added_moved_and_removed_and_the_others_keep_their_phones(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"locations-1-phone": "303-555-0188"})
    page = as_provider.press(as_provider.open(PLACES), "Add another address")
    third = {"line1": "3 Third Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    page = as_provider.press(page, "Remove address 1")
    typed = {f"addresses-1-{name}": value for name, value in third.items()}
    saved = as_provider.press(page, SAVE, typed | {"addresses-0-line2": "Suite 4"})
    assert saved.status == 200
    assert "Address removed removed: 403 Summit Boulevard" in saved.text
    as_provider.press(saved, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/2"), "Accept")
    rows = [(row.line1, row.line2, row.phone, row.lat is not None) for row in stored(session).locations]
    assert rows == [
        ("88 Larkmere Street", "Suite 4", "303-555-0188", True),
        ("3 Third Street", "", "", True),
    ]
    assert rows[0] != rows[1]


def test_a_moved_address_gets_new_coordinates_and_an_untouched_one_keeps_its_own(
    as_provider: Browser, as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    before = [(row.lat, row.lon) for row in listing.locations]
    moved = {"addresses-0-line1": "1 Main Street", "addresses-0-city": "Boise", "addresses-0-state": "ID"}
    page = as_provider.press(as_provider.open(PLACES), SAVE, moved | {"addresses-0-postal_code": "83702"})
    as_provider.press(page, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/1"), "Accept")
    first, second = stored(session).locations
    assert first.lat == pytest.approx(43.6, abs=0.3)
    assert (second.lat, second.lon) == before[1]


@pytest.mark.parametrize(
    ("path", "field", "typed", "sentence"),
    [
        (WHO, "name", "", "Enter the name"),
        (WHO, "npi", "1234567890", "typing error"),
        (WHO, "website", "javascript:alert(1)", "https://"),
        (WHO, "specialty_code", "XX", "from the list"),
        (PLACES, "addresses-1-postal_code", "8030", "five digits"),
        (PATIENTS, "phone", "call me", "at least 7 digits"),
        (PATIENTS, "locations-1-phone", "call me", "at least 7 digits"),
        (PATIENTS, "locations-1-opening_hours-monday", "25-26", "from 0:00 to 23:59"),
        (PATIENTS, "locations-0-id", "99", "not of this listing"),
        (PLACES, "addresses-0-id", "99", "not of this listing"),
        (PLACES, "addresses-0-id", "x", "not of this listing"),
    ],
)
@pytest.mark.usefixtures("listing")
def test_what_breaks_a_limit_comes_back_with_a_sentence_and_all_that_was_typed(
    as_provider: Browser, session: Session, path: str, field: str, typed: str, sentence: str
) -> None:
    page = as_provider.press(as_provider.open(path), SAVE, {field: typed})
    assert page.status == 422
    assert sentence in page.text
    if field != "specialty_code":
        assert page.form(SAVE).fields[field] == typed
    assert session.query(ListingRevision).count() == 0


@pytest.mark.parametrize(("path", "field"), [(WHO, "practice"), (PATIENTS, "phone"), (PLACES, "addresses-0-line2")])
@pytest.mark.usefixtures("listing")
def test_two_windows_are_shown_both_texts(as_provider: Browser, path: str, field: str) -> None:
    mine = as_provider.open(path)
    as_provider.press(as_provider.open(path), SAVE, {field: "303-555-0101"})
    page = as_provider.press(mine, SAVE, {field: "303-555-0102"})
    assert page.status == 409
    assert "303-555-0101 303-555-0102" in page.text
    assert as_provider.press(page, SAVE).status == 200
    assert as_provider.open(path).form(SAVE).fields[field] == "303-555-0102"


def test_a_value_that_changed_while_it_waited_is_a_conflict_with_both(
    as_provider: Browser, as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    as_provider.press(as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Mine"}), SEND)
    listing.practice = "Somebody's"
    session.commit()
    page = as_reviewer.press(as_reviewer.open("/console/revisions/1"), "Accept")
    assert page.status == 409
    assert "from “Example Orthopedics” to “Somebody's”. This change would make it “Mine”" in page.text
    assert stored(session).practice == "Somebody's"


@pytest.mark.usefixtures("listing")
def test_nobody_else_sees_or_sends_a_change(as_other_provider: Browser, as_provider: Browser) -> None:
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Secret plan"})
    sent = dict(saved.form(SEND).fields)
    sent["csrf_token"] = as_other_provider.open("/portal/listings/new").form("Save the draft").fields["csrf_token"]
    for path in (WHO, PLACES, PATIENTS):
        assert as_other_provider.open(path).status == 404
        assert as_other_provider.client.post(path, data=sent).status_code == 404
    for verb in ("send", "take-back", "put-back"):
        assert as_other_provider.client.post(f"{MINE}/changes/{verb}", data=sent).status_code == 404


@pytest.mark.usefixtures("listing")
def test_a_draft_of_a_change_is_no_business_of_a_reviewer(as_provider: Browser, as_reviewer: Browser) -> None:
    as_provider.press(as_provider.open(WHO), SAVE, {"practice": "New"})
    assert as_reviewer.open("/console/revisions/1").status == 404
    assert "Nothing waits" in as_reviewer.open("/console/").text


@pytest.mark.usefixtures("listing")
def test_what_is_typed_is_shown_and_never_run(as_provider: Browser, as_reviewer: Browser) -> None:
    evil = "<script>alert(1)</script>"
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"practice": evil, "credential": '"><img src=x>'})
    sent = as_provider.press(saved, SEND)
    for page in (saved, sent, as_reviewer.open("/console/revisions/1"), as_reviewer.open("/console/")):
        assert "<script>alert" not in page.html
        assert "<img" not in page.html


@pytest.mark.parametrize(
    ("state", "leads_to"),
    [(ListingState.DRAFT, MINE), (ListingState.SUBMITTED, MINE), (ListingState.SUSPENDED, WHO)],
)
def test_only_what_is_or_was_on_the_map_has_sections(
    as_provider: Browser, session: Session, provider: Account, state: ListingState, leads_to: str
) -> None:
    make_listing(session, provider, state=state, kind=ListingKind.CLINIC)
    session.commit()
    assert as_provider.open(WHO).path == leads_to


def test_a_submitted_listing_is_taken_back_changed_and_sent_again(
    as_provider: Browser, session: Session, provider: Account
) -> None:
    make_listing(session, provider, state=ListingState.SUBMITTED, npi="1234567893")
    session.commit()
    page = as_provider.open(MINE)
    back = as_provider.press(page, "Take the listing back")
    assert "It is a draft again" in back.text
    assert as_provider.press(page, "Take the listing back").status == 409
    assert "Delete this draft" not in back.text
    as_provider.press(as_provider.open(f"{MINE}/edit"), "Save the draft", {"practice": "Corrected"})
    assert as_provider.press(as_provider.open(MINE), "Submit for publication").status == 200
    assert stored(session).practice == "Corrected"


def test_a_draft_is_deleted_with_its_answers(as_provider: Browser, session: Session, provider: Account) -> None:
    made = make_listing(session, provider, state=ListingState.DRAFT)
    make_attestation(session, made, state=AttestationState.DRAFT)
    session.commit()
    done = as_provider.press(as_provider.open(MINE), "Delete the draft")
    assert (done.path, "The draft is deleted" in done.text) == ("/portal/", True)
    assert as_provider.open(MINE).status == 404
    assert session.query(Listing).count() == 0


def test_a_draft_for_which_answers_were_signed_stays(as_provider: Browser, session: Session, provider: Account) -> None:
    made = make_listing(session, provider, state=ListingState.DRAFT)
    make_attestation(session, made, state=AttestationState.SUBMITTED)
    session.commit()
    assert as_provider.press(as_provider.open(MINE), "Delete the draft").status == 409
    assert stored(session).state is ListingState.DRAFT


def test_a_listing_is_retired_with_a_reason_and_its_address_says_so(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    page = as_provider.open(MINE)
    missing = as_provider.press(page, "Retire the listing")
    assert missing.status == 422
    assert "Give the reason" in missing.text
    assert as_provider.press(page, "Retire the listing", {"reason": "We closed."}).status == 200
    assert stored(session).state is ListingState.RETIRED
    answer = client.get(f"/providers/{listing.slug}")
    assert answer.status_code == 410
    said = visible_text(answer)
    assert "Ann Example is no longer listed" in said
    assert f"/providers/{listing.slug}/history" in answer.text
    assert "We closed." not in answer.text
    assert client.get(f"/providers/{listing.slug}/history").status_code == 200
    assert client.get(f"/api/v1/providers/{listing.slug}").status_code == 404


@pytest.mark.usefixtures("listing")
def test_nobody_else_ends_a_listing(as_other_provider: Browser, as_provider: Browser, session: Session) -> None:
    sent = dict(as_provider.open(MINE).form("Retire the listing").fields) | {"reason": "Gone."}
    sent["csrf_token"] = as_other_provider.open("/portal/listings/new").form("Save the draft").fields["csrf_token"]
    for verb in ("retire", "withdraw", "delete"):
        assert as_other_provider.client.post(f"{MINE}/{verb}", data=sent).status_code == 404
    assert stored(session).state is ListingState.PUBLISHED


def test_a_word_that_promises_too_much_is_refused_with_the_reason_and_nothing_is_lost(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    page = as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Guaranteed Relief", "credential": "DO"})
    assert page.status == 422
    assert "The practice must not say “guaranteed”. Nobody can promise that a treatment works." in page.text
    assert page.form(SAVE).fields["credential"] == "DO"
    assert session.query(ListingRevision).count() == 0
    listing.practice = "Cure Clinic of an old import"
    session.commit()
    assert as_provider.press(as_provider.open(WHO), SAVE, {"credential": "DO"}).status == 200


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [("person", "Milagros Cura", 200), ("clinic", "The Cure Clinic", 422), ("clinic", "Secure Clinic", 200)],
)
def test_a_new_listing_is_checked_too_but_not_the_name_of_a_person(
    as_provider: Browser, kind: str, name: str, status: int
) -> None:
    typed = {"kind": kind, "name": name, "npi": "1234567893"} | {
        f"addresses-0-{field}": value
        for field, value in {"line1": "1 Main", "city": "Denver", "state": "CO", "postal_code": "80202"}.items()
    }
    page = as_provider.press(as_provider.open("/portal/listings/new"), "Save the draft", typed)
    assert page.status == status
    assert ("must not say “cure”" in page.text) is (status == 422)


def test_every_new_field_is_public_at_once_and_a_price_has_its_day(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    typed = {
        "appointment_url": "book.example.org",
        "insurance": "Medicare; the procedure is self-pay",
        "price_note": "From $3,000 for one knee",
        "locations-0-second_phone": "303-555-0177",
        "locations-0-fax": "303-555-0178",
        "locations-0-accessibility": "Elevator",
    }
    assert as_provider.press(as_provider.open(PATIENTS), SAVE, typed).status == 200
    today = clock.now().date()
    shown = public(client, listing)
    for text in (
        "Insurance or self-pay Medicare; the procedure is self-pay",
        f"Price From $3,000 for one knee Price as of {today:%b} {today.day}, {today.year}",
        "Second phone (303) 555-0177",
        "Fax (303) 555-0178",
        "Access Elevator",
    ):
        assert text in shown
    assert 'href="https://book.example.org"' in client.get(f"/providers/{listing.slug}").text
    told = client.get(f"/api/v1/providers/{listing.slug}").get_json()
    assert (told["price_note"], told["price_noted_on"]) == (typed["price_note"], today.isoformat())
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"price_note": ""})
    assert stored(session).price_noted_on is None
    assert "Price" not in public(client, listing)


def test_a_21st_address_is_refused_with_the_limit(as_provider: Browser, session: Session, provider: Account) -> None:
    make_listing(session, provider, addresses=tuple(make_address(line1=f"{n} Street") for n in range(1, 21)))
    session.commit()
    page = as_provider.open(PLACES)
    more = {"line1": "21 Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    refused = as_provider.press(page, SAVE, {f"addresses-20-{name}": value for name, value in more.items()})
    assert refused.status == 422
    assert "1 to 20 addresses; this has 21" in refused.text


def accept_places(as_provider: Browser, as_reviewer: Browser, session: Session, typed: dict[str, str]) -> Listing:
    """Change the addresses, and have the change accepted."""
    saved = as_provider.press(as_provider.open(PLACES), SAVE, typed)
    assert saved.status == 200
    as_provider.press(saved, SEND)
    newest = session.query(ListingRevision).order_by(ListingRevision.id.desc()).first()
    assert newest is not None
    as_reviewer.press(as_reviewer.open(f"/console/revisions/{newest.id}"), "Accept")
    return stored(session)


@pytest.mark.usefixtures("listing")
def test_a_pin_is_typed_stays_while_only_the_suite_changes_and_goes_with_the_address(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    pinned = accept_places(as_provider, as_reviewer, session, {"addresses-0-pin": "39.91, -105.09"})
    assert (pinned.locations[0].lat, pinned.locations[0].lon) == (39.91, -105.09)
    assert pinned.locations[0].precision == "point"
    assert as_provider.open(PLACES).form(SAVE).fields["addresses-0-pin"] == "39.91000, -105.09000"
    suite = accept_places(as_provider, as_reviewer, session, {"addresses-0-line2": "Suite 9"})
    assert (suite.locations[0].line2, suite.locations[0].lat) == ("Suite 9", 39.91)
    moved = accept_places(as_provider, as_reviewer, session, {"addresses-0-line1": "1 Other Street"})
    assert moved.locations[0].precision == "postal"
    assert moved.locations[0].lat != 39.91


@pytest.mark.usefixtures("listing")
def test_a_pin_is_taken_away(as_provider: Browser, as_reviewer: Browser, session: Session) -> None:
    accept_places(as_provider, as_reviewer, session, {"addresses-0-pin": "39.91 -105.09"})
    assert accept_places(as_provider, as_reviewer, session, {"addresses-0-pin": ""}).locations[0].precision == "postal"


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [
        ("40.9, -105.09", "at most 30 miles from the ZIP code"),
        ("36.0, -128.0", "The pin lies at sea"),
        ("here", "a latitude and a longitude"),
        ("91, 0", "a latitude and a longitude"),
        ("39.9", "a latitude and a longitude"),
        ("1" * 400, "a latitude and a longitude"),
    ],
)
@pytest.mark.usefixtures("listing")
def test_a_pin_that_cannot_be_is_refused(as_provider: Browser, pin: str, sentence: str) -> None:
    page = as_provider.press(as_provider.open(PLACES), SAVE, {"addresses-0-pin": pin})
    assert page.status == 422
    assert sentence in page.text
    assert page.form(SAVE).fields["addresses-0-pin"] == pin


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"addresses-0-postal_code": "83702"}, "ZIP code 83702 is in Idaho, not in Colorado."),
        ({"addresses-0-city": "Pueblo"}, "ZIP code 80021 is not in Pueblo, CO."),
    ],
)
@pytest.mark.usefixtures("listing")
def test_a_zip_code_and_a_city_that_contradict_are_asked_about_and_kept_if_they_are_right(
    as_provider: Browser, typed: dict[str, str], sentence: str
) -> None:
    page = as_provider.press(as_provider.open(PLACES), SAVE, typed)
    assert page.status == 422
    assert sentence in page.text
    assert "are right as I typed them" in page.text
    assert as_provider.press(page, SAVE, {"addresses-0-sure": "y"}).status == 200


def test_a_new_listing_is_asked_too(as_provider: Browser, session: Session) -> None:
    typed = {"kind": "clinic", "name": "A Clinic"} | {
        f"addresses-0-{field}": value
        for field, value in {"line1": "1 Main", "city": "Denver", "state": "CO", "postal_code": "83702"}.items()
    }
    page = as_provider.press(as_provider.open("/portal/listings/new"), "Save the draft", typed)
    assert page.status == 422
    assert "ZIP code 83702 is in Idaho" in page.text
    assert as_provider.press(page, "Save the draft", {"addresses-0-sure": "y"}).status == 200
    assert session.query(Listing).count() == 1


@pytest.mark.usefixtures("listing")
def test_a_preview_has_what_is_not_public_yet_and_stores_nothing(as_provider: Browser, session: Session) -> None:
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"name": "Nan Newname", "kind": "clinic"})
    as_provider.press(saved, SEND)
    added = {"line1": "5 Added Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    page = as_provider.press(as_provider.open(PLACES), "Add another address")
    as_provider.press(page, SAVE, {f"addresses-2-{name}": value for name, value in added.items()})
    seen = as_provider.open(f"{MINE}/preview")
    assert seen.status == 200
    for text in ("Preview", "Nan Newname", "5 Added Street", "88 Larkmere Street"):
        assert text in seen.text
    row = stored(session)
    assert (row.name, len(row.locations)) == ("Ann Example", 2)


def test_a_draft_has_a_preview_that_nobody_else_sees(
    as_provider: Browser, as_other_provider: Browser, session: Session, provider: Account
) -> None:
    make_listing(session, provider, name="Draft Example", state=ListingState.DRAFT)
    session.commit()
    assert "Draft Example" in as_provider.open(f"{MINE}/preview").text
    assert as_other_provider.open(f"{MINE}/preview").status == 404
