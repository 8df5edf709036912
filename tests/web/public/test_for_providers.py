"""The start page for providers: who finds their listing, and what they can do with it."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.page_text import visible_text

from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import listing_words, replace_words
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
        replace_words(session, [], {listing.id: listing_words(name, listing.locations)})
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
    assert "Claim it too" in page
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
        ({"q": " "}, "Enter your name, the name of your practice, your NPI, or a ZIP or town."),
        ({}, "Enter your name, the name of your practice, your NPI, or a ZIP or town."),
        ({"state": "CO"}, "Enter your name, the name of your practice, your NPI, or a ZIP or town."),
        ({"q": "hazel", "state": "XX"}, "Choose a state from the list."),
        ({"zip": "Springfield"}, "Several towns have this name. Choose the state too."),
        ({"zip": "Xyzzyxville"}, "We know no such ZIP code or town."),
        ({"q": "1245319598"}, "1245319598 is not a valid NPI"),
        ({"q": "x" * 101}, "The text must have at most 100 characters"),
        ({"q": "hazel", "zip": "00000"}, "We know no such ZIP code or town."),
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


@pytest.mark.parametrize("place", ["80021", "Broomfield, CO", "broomfield colorado"])
def test_a_zip_or_a_town_alone_finds_public_listings_and_imports_there(find, imported, add_listing, place: str) -> None:
    add_listing("Hazel Public", 4)
    add_listing("Hazel Far", 60)
    imported(ListingState.DRAFT)
    page = find(zip=place)
    assert page.index("Hazel Public") < page.index("Reed Hazelgrove")
    assert "Hazel Far" not in page
    assert "2 listings" in page


def test_a_town_with_several_namesakes_is_found_with_its_state(find, imported, session: Session) -> None:
    listing = imported(ListingState.DRAFT)
    listing.locations[0].city, listing.locations[0].state = "Springfield", "IL"
    replace_words(session, [listing.id], {listing.id: listing_words(listing.name, listing.locations)})
    session.commit()
    assert "Reed Hazelgrove" in find(zip="Springfield", state="IL")
    assert "We found no listing" in find(zip="Springfield", state="MA")


def test_a_state_narrows_public_listings_and_imports(find, imported, add_listing, session: Session) -> None:
    imported(ListingState.DRAFT, "Hazel Import")
    public, other = add_listing("Hazel Public"), add_listing("Hazel Elsewhere")
    other.locations[0].state = "WY"
    session.commit()
    here, there, nowhere = find(q="hazel", state="CO"), find(q="hazel", state="WY"), find(q="hazel", state="TX")
    assert "Hazel Import" in here
    assert public.name in here
    assert other.name not in here
    assert other.name in there
    assert "1 listing." in there
    assert "We found no listing" in nowhere


@pytest.mark.parametrize("state", ["", "CO"])
def test_25_listings_stand_on_a_page_and_none_is_left_out(find, imported, add_listing, state: str) -> None:
    names = [f"Hazel Public {letter}" for letter in "abcdefghijklmnopqrstuvwxyzAB"]
    names += [f"Hazel Import {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    for name in names[:28]:
        add_listing(name)
    for number, name in enumerate(names[28:]):
        imported(ListingState.DRAFT, name, f"9{number:09}")
    pages = [find(q="hazel", state=state, page=str(number)) for number in (1, 2, 3, 4)]
    shown = [[name for name in names if f"{name}<" in page or f"{name}\n" in page] for page in pages]
    assert [len(each) for each in shown] == [25, 25, 4, 0]
    assert sorted(name for each in shown for name in each) == sorted(names)
    assert all("54 listings." in page for page in pages)
    assert "page=2" in pages[0]
    assert "Previous" not in pages[0]
    assert "Next" not in pages[2]


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999", "١"])
def test_a_page_that_there_is_not_is_no_error(find, add_listing, number: str) -> None:
    add_listing("Hazel Public")
    assert "1 listing." in find(q="hazel", page=number)


def test_the_number_of_statements_does_not_depend_on_the_number_of_listings(
    client: FlaskClient, imported, add_listing, session: Session
) -> None:
    counts = []
    for number in range(2):
        for each in range(1 + 9 * number):
            add_listing(f"Hazel Public {number}{each}")
            imported(ListingState.DRAFT, f"Hazel Import {number}{each}", f"9{number}{each:08}")
        statements = count_statements(session, lambda: client.get("/for-providers/find?q=hazel&zip=80021&state=CO"))
        counts.append(statements)
    assert counts[0] == counts[1]


def count_statements(session: Session, act) -> int:
    """How many statements a request runs."""
    seen = []
    engine = session.get_bind().engine

    def keep(*_: object) -> None:
        seen.append(1)

    act()
    sa.event.listen(engine, "before_cursor_execute", keep)
    try:
        assert act().status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", keep)
    return len(seen)


def test_what_was_typed_stays_in_the_form(client: FlaskClient) -> None:
    page = client.get("/for-providers/find", query_string={"q": '"><script>alert(1)</script>', "zip": "1"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
