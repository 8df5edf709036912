"""The start page for providers: who finds their listing, and what they can do with it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.page_text import visible_text

from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import replace_name_words
from directory.listings.tables import ListingSource

NPI = "1245319599"


@pytest.fixture
def find(client: FlaskClient):
    def found(**asked: str) -> str:
        response = client.get("/for-providers/find", query_string=asked)
        assert response.status_code == 200
        return response.text

    return found


@pytest.fixture
def imported(session: Session, provider: Account):
    """A listing of the register that nobody manages, in a state."""

    def made(state: ListingState, name: str = "Reed Hazelgrove", npi: str = NPI):
        listing = make_listing(session, provider, state=state, source=ListingSource.NPPES, name=name, npi=npi)
        listing.managers.clear()
        session.flush()
        replace_name_words(session, [], {listing.id: name})
        session.commit()
        return listing

    return made


def test_the_page_tells_cost_questions_and_ways_on(client: FlaskClient) -> None:
    page = client.get("/for-providers")
    text = visible_text(page)
    assert "It costs nothing." in text
    assert "From one spot" in text or "10 mL or less" in text
    assert 'href="/portal/listings/new"' in page.text
    assert 'href="/signin/register"' in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"].startswith("public")


def test_a_public_listing_is_found_by_a_word_of_its_name(find, imported) -> None:
    listing = imported(ListingState.PUBLISHED)
    page = find(q="hazelgrove")
    assert "from the public NPPES register, not managed by anyone yet" in page
    assert f'href="/providers/{listing.slug}/claim"' in page
    assert "This is mine" in page


def test_a_managed_listing_can_only_be_joined(find, session: Session, provider: Account) -> None:
    make_listing(session, provider, name="Managed Practice")
    session.commit()
    page = find(q="managed practice")
    assert "Ask to join" in page
    assert "This is mine" not in page


@pytest.mark.parametrize("typed", [NPI, " 1245 319 599 "])
def test_an_import_that_is_not_public_yet_is_found_by_its_npi(find, imported, typed: str) -> None:
    listing = imported(ListingState.DRAFT)
    assert f'href="/providers/{listing.slug}/claim"' in find(q=typed)
    assert f'href="/providers/{listing.slug}"' not in find(q=typed)


def test_an_import_that_is_not_public_yet_is_found_by_its_name_and_shows_name_and_town_only(
    find, imported, session: Session
) -> None:
    listing = imported(ListingState.DRAFT)
    listing.practice, listing.phone = "Hidden Practice", "303-555-0177"
    session.commit()
    page = find(q="hazelgrove, reed")
    assert f'href="/providers/{listing.slug}/claim"' in page
    assert f'href="/providers/{listing.slug}"' not in page
    assert "Reed Hazelgrove" in page
    assert "Broomfield, CO · from the public NPPES register, not managed by anyone yet" in page
    for hidden in ("Hidden Practice", "555-0177", listing.locations[0].line1, f"{listing.name}, {listing.credential}"):
        assert hidden not in page
    assert "We found no listing" in find(q="hidden practice")


def test_unpublished_listings_come_after_public_ones_and_the_nearest_first(
    find, imported, add_listing, session: Session
) -> None:
    far, near = imported(ListingState.DRAFT, "Hazel Far"), imported(ListingState.DRAFT, "Hazel Near", "1234567893")
    far.locations[0].lat = 45.0
    session.commit()
    add_listing("Hazel Public", 4)
    page = find(q="hazel", zip="80021")
    places = [page.index(name) for name in ("Hazel Public", near.name, far.name)]
    assert places == sorted(places)
    assert "3 listings" in page


def test_a_listing_that_was_taken_down_is_not_found(find, imported) -> None:
    imported(ListingState.RETIRED)
    assert "We found no listing" in find(q="hazelgrove")
    assert "We found no listing" in find(q=NPI)


def test_the_draft_of_somebody_else_is_not_found(find, session: Session, provider: Account) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, name="Secret Plans", npi=NPI)
    session.commit()
    assert "Secret Plans" not in find(q=NPI)
    assert "We found no listing" in find(q="secret plans")


def test_the_nearest_to_the_zip_comes_first(find, add_listing) -> None:
    add_listing("Hazel Far", 40)
    add_listing("Hazel Near", 4)
    page = find(q="hazel", zip="80021")
    assert page.index("Hazel Near") < page.index("Hazel Far")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"q": " "}, "Enter your name, the name of your practice, or your NPI."),
        ({}, "Enter your name, the name of your practice, or your NPI."),
        ({"q": "1245319598"}, "1245319598 is not a valid NPI"),
        ({"q": "x" * 101}, "The text must have at most 100 characters"),
        ({"q": "hazel", "zip": "00000"}, "We know no such ZIP code."),
        ({"q": "hazel", "zip": "Denver"}, "We know no such ZIP code."),
        ({"q": "hazel\0"}, "all of them printable"),
        ({"q": "!!!"}, "The text must have a letter or a digit."),
    ],
)
def test_what_cannot_be_searched_is_said_at_its_field(
    client: FlaskClient, asked: dict[str, str], sentence: str
) -> None:
    response = client.get("/for-providers/find", query_string=asked)
    assert response.status_code == 422
    assert sentence in visible_text(response)


def test_what_was_typed_stays_in_the_form(client: FlaskClient) -> None:
    page = client.get("/for-providers/find", query_string={"q": '"><script>alert(1)</script>', "zip": "1"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
