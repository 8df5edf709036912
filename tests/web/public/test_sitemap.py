"""What search engines are told: every public page once, nothing else, and never more in a file than they take."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from factories import RIGHT, make_attestation
from flask import Flask
from flask.testing import FlaskClient
from fresh_databases import engine
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.attestations.lifecycle import State as Signed
from directory.listings.lifecycle import State
from directory.listings.tables import Listing
from directory.web.public.sitemap import PIECE, Entry, provider_pages, sitemap_files

NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


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


def test_it_lists_each_public_page_once_and_each_is_there(client: FlaskClient, put) -> None:
    slugs = [put(f"Clinic {number}", answers=RIGHT).slug for number in range(3)]
    listed = pages(client)
    assert {"/", "/questions", "/check", "/rules", "/near", "/near/co", "/near/co/broomfield"} <= set(listed)
    assert {path for path in listed if path.startswith("/providers/")} == {f"/providers/{slug}" for slug in slugs}
    for path in listed:
        page = client.get(path)
        assert page.status_code == 200, path
        assert "noindex" not in page.text, path


def test_search_engines_may_go_where_it_leads(client: FlaskClient, app: Flask, put) -> None:
    put("Any Clinic")
    said = client.get("/robots.txt").text
    assert f"Sitemap: {app.extensions['directory'].settings.base_url}/sitemap.xml\n" in said
    closed = [line.removeprefix("Disallow: ") for line in said.splitlines() if line.startswith("Disallow: ")]
    assert closed
    assert not [path for path in pages(client) if path.startswith(tuple(closed))]


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.SUSPENDED, State.REJECTED, State.RETIRED])
def test_who_is_not_public_is_not_in_it(client: FlaskClient, put, state: State) -> None:
    put("Hidden Clinic", state=state)
    assert not [path for path in pages(client) if path.startswith(("/providers/", "/near/"))]


def test_the_day_is_that_of_the_last_public_change(client: FlaskClient, session: Session, put) -> None:
    then = clock.now() - timedelta(days=40)
    made = put("Any Clinic", now=then)
    day = pages(client)[f"/providers/{made.slug}"]
    assert day == then.date().isoformat()
    make_attestation(session, made, state=Signed.DRAFT, now=then + timedelta(days=5))
    session.commit()
    assert pages(client)[f"/providers/{made.slug}"] == day, "a draft is nobody's business"
    signed = put("Signed Clinic", now=then)
    make_attestation(session, signed, answers=RIGHT, now=then + timedelta(days=10))
    session.commit()
    assert pages(client)[f"/providers/{signed.slug}"] == (then + timedelta(days=10)).date().isoformat()


def test_past_what_a_file_takes_there_are_several(session: Session, put) -> None:
    made = [put(f"Clinic {number}") for number in range(7)]
    last = made[-1].id
    assert sitemap_files(session, most=12, places=5) == ()
    files = sitemap_files(session, most=11, places=5)
    assert files[0] == Entry("/sitemap/places.xml")
    assert [entry.path for entry in sitemap_files(session, most=3, places=1)[1:]] == [
        f"/sitemap/providers-{number}.xml" for number in range((made[0].id - 1) // 3 + 1, (last - 1) // 3 + 2)
    ]
    found: list[Entry] = []
    for number in range(1, last // 3 + 2):
        part = list(provider_pages(session, number, most=3))
        assert len(part) <= 3
        found += part
    assert found == list(provider_pages(session))
    assert len(found) == 7


def test_no_file_of_several_is_empty(session: Session, put) -> None:
    for number in range(5):
        put(f"Hidden {number}", state=State.DRAFT)
    shown = put("Shown Clinic")
    (_, only) = sitemap_files(session, most=2, places=2)
    number = (shown.id - 1) // 2 + 1
    assert only == Entry(f"/sitemap/providers-{number}.xml")


def test_each_file_is_served(client: FlaskClient, put) -> None:
    made = put("Any Clinic")
    assert set(pages(client, "/sitemap/providers-1.xml")) == {f"/providers/{made.slug}"}
    assert "/near/co/broomfield" in pages(client, "/sitemap/places.xml")
    for nothing in ("0", "2", "99999999999999999999", "x"):
        assert client.get(f"/sitemap/providers-{nothing}.xml").status_code == 404


def test_a_file_of_many_pieces_is_whole_and_gives_its_connection_back(
    app: Flask, client: FlaskClient, session: Session, put
) -> None:
    facts = [column.key for column in sa.inspect(Listing).column_attrs if column.key not in {"id", "slug", "npi"}]
    one = put("Any Clinic")
    row = {name: getattr(one, name) for name in facts}
    session.execute(sa.insert(Listing), [{**row, "slug": f"copy-{number}"} for number in range(3 * PIECE)])
    session.commit()
    with app.app_context():
        pool = engine(transaction.session()).pool
    for address in ("/sitemap.xml", "/sitemap/places.xml", "/sitemap/providers-1.xml"):
        answer = client.get(address, buffered=True)
        assert answer.data.rstrip().endswith(b"</urlset>")
        assert "Checked out connections: 0" in pool.status(), address
    assert answer.data.count(b"<url>") == 3 * PIECE + 1


def test_anybody_may_keep_it_an_hour_and_nobody_gets_a_cookie(client: FlaskClient) -> None:
    for address in ("/sitemap.xml", "/sitemap/places.xml"):
        answer = client.get(address, buffered=True)
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.mimetype == "text/xml"
        assert "Set-Cookie" not in answer.headers


def test_it_is_sent_in_pieces_to_whoever_stays(client: FlaskClient, put) -> None:
    put("Any Clinic")
    answer = client.get("/sitemap.xml")
    assert answer.is_streamed
    assert answer.content_length is None
    assert next(answer.iter_encoded()).startswith(b"<?xml")
    answer.close()
    assert client.head("/sitemap.xml", buffered=True).status_code == 200
