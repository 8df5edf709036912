"""What search engines are told: every public page once, nothing else, and never more in a file than they take."""

import cProfile
import pstats
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_attestation

from directory import clock
from directory.attestations.lifecycle import AttestationState
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.search.index import SearchIndex
from directory.web.public import sitemap

FULL = 50_000
"""Pages of a full file."""

NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def index(app: Flask) -> SearchIndex:
    found: SearchIndex = app.extensions["directory"].index
    return found


def pages(client: FlaskClient, address: str = "/sitemap.xml") -> dict[str, str]:
    """The paths of a sitemap with their days."""
    answer = client.get(address)
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.data)  # noqa: S314  our own answer
    assert root.tag == f"{{{NS['s']}}}urlset"
    base = client.application.extensions["directory"].settings.base_url
    entries = [(url.findtext("s:loc", "", NS), url.findtext("s:lastmod", "", NS)) for url in root.findall("s:url", NS)]
    assert all(loc.startswith(f"{base}/") for loc, _ in entries)
    assert len({loc for loc, _ in entries}) == len(entries)
    return {loc.removeprefix(base): day for loc, day in entries}


def calls_of(client: FlaskClient, address: str) -> int:
    """The number of function calls that a request takes."""
    with cProfile.Profile() as profile:
        assert client.get(address).status_code == 200
    return pstats.Stats(profile).total_calls


def test_it_lists_each_public_page_once_and_each_is_there(client: FlaskClient, add_listing) -> None:
    slugs = [add_listing(f"Clinic {number}", answers=MATCHING_ANSWERS).slug for number in range(3)]
    listed = pages(client)
    assert {
        "/",
        "/questions",
        "/check",
        "/rules",
        "/for-providers",
        "/privacy",
        "/near",
        "/near/co",
        "/near/co/broomfield",
    } <= set(listed)
    assert {path for path in listed if path.startswith("/providers/")} == {f"/providers/{slug}" for slug in slugs}
    for path in listed:
        page = client.get(path)
        assert page.status_code == 200, path
        assert "noindex" not in page.text, path


def test_search_engines_may_go_where_it_leads(client: FlaskClient, app: Flask, add_listing) -> None:
    add_listing("Any Clinic")
    said = client.get("/robots.txt").text
    assert f"Sitemap: {app.extensions['directory'].settings.base_url}/sitemap.xml\n" in said
    closed = [line.removeprefix("Disallow: ") for line in said.splitlines() if line.startswith("Disallow: ")]
    assert closed
    assert not [path for path in pages(client) if path.startswith(tuple(closed))]


@pytest.mark.parametrize(
    "state",
    [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.SUSPENDED, ListingState.REJECTED, ListingState.RETIRED],
)
def test_who_is_not_public_is_not_in_it(client: FlaskClient, add_listing, state: ListingState) -> None:
    add_listing("Hidden Clinic", state=state)
    assert not [path for path in pages(client) if path.startswith(("/providers/", "/near/"))]


def test_the_day_is_that_of_the_last_public_change(client: FlaskClient, session: Session, add_listing) -> None:
    then = clock.now() - timedelta(days=40)
    made = add_listing("Any Clinic", now=then)
    signed = add_listing("Signed Clinic", now=then)
    make_attestation(session, made, state=AttestationState.DRAFT, now=then + timedelta(days=5))
    make_attestation(session, signed, answers=MATCHING_ANSWERS, now=then + timedelta(days=10))
    session.commit()
    listed = pages(client)
    assert listed[f"/providers/{made.slug}"] == then.date().isoformat(), "a draft is not public"
    assert listed[f"/providers/{signed.slug}"] == (then + timedelta(days=10)).date().isoformat()


def test_a_change_is_in_it_with_the_next_snapshot(
    client: FlaskClient, session: Session, add_listing, index: SearchIndex
) -> None:
    first = add_listing("First Clinic")
    assert f"/providers/{first.slug}" in pages(client)
    second = add_listing("Second Clinic")
    index.rebuild(session)
    assert {f"/providers/{first.slug}", f"/providers/{second.slug}"} <= set(pages(client))


def test_past_what_a_file_takes_there_are_several(
    client: FlaskClient, add_listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [add_listing(f"Clinic {number}") for number in range(7)]
    monkeypatch.setattr(sitemap, "MAX_PLACE_URLS", 5)
    monkeypatch.setattr(sitemap, "MAX_URLS", 12)
    assert f"/providers/{made[0].slug}" in pages(client)
    monkeypatch.setattr(sitemap, "MAX_URLS", 11)
    root = ElementTree.fromstring(client.get("/sitemap.xml").data)  # noqa: S314  our own answer
    assert root.tag == f"{{{NS['s']}}}sitemapindex"
    base = client.application.extensions["directory"].settings.base_url
    files = [entry.findtext("s:loc", "", NS).removeprefix(base) for entry in root.findall("s:sitemap", NS)]
    assert files == ["/sitemap/places.xml", "/sitemap/providers-1.xml"]
    listed = [path for file in files for path in pages(client, file)]
    assert len(listed) == len(set(listed))
    assert {f"/providers/{one.slug}" for one in made} <= set(listed)


def test_each_file_is_served(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic")
    assert set(pages(client, "/sitemap/providers-1.xml")) == {f"/providers/{made.slug}"}
    assert "/near/co/broomfield" in pages(client, "/sitemap/places.xml")
    for nothing in ("0", "2", "99999999999999999999", "x"):
        assert client.get(f"/sitemap/providers-{nothing}.xml").status_code == 404


def test_a_full_file_is_cheap(app: Flask, session: Session, add_listing) -> None:
    facts = [column.key for column in sa.inspect(Listing).column_attrs if column.key not in {"id", "slug", "npi"}]
    one = add_listing("Any Clinic")
    row = {name: getattr(one, name) for name in facts}
    copies = [{**row, "id": number, "slug": f"copy-{number}"} for number in range(one.id + 1, FULL + 2)]
    session.execute(sa.insert(Listing), copies)
    session.commit()
    client = app.test_client()
    whole = client.get("/sitemap/providers-1.xml")
    assert whole.data.count(b"<url>") == FULL - one.id + 1
    assert whole.data.rstrip().endswith(b"</urlset>")
    assert client.get("/sitemap/providers-2.xml").data.count(b"<url>") == 1
    assert client.get("/sitemap.xml").data.count(b"<sitemap>") == 3
    # Not one call more than for a file of one page: the work for each page was done with the snapshot.
    assert calls_of(client, "/sitemap/providers-1.xml") == calls_of(client, "/sitemap/providers-2.xml")


def test_anybody_may_keep_it_an_hour_and_nobody_gets_a_cookie(client: FlaskClient) -> None:
    for address in ("/sitemap.xml", "/sitemap/places.xml"):
        answer = client.get(address, buffered=True)
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.mimetype == "text/xml"
        assert "Set-Cookie" not in answer.headers
