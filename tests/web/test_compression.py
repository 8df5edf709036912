"""What goes over the wire small, what never is compressed, and for how long files of the build are kept."""

import gzip
import json
import re

import brotli
import pytest
from flask.testing import FlaskClient
from flask_compress.compat import compression
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_account, make_address, make_attestation, make_listing, make_place

from directory import clock, resources
from directory.accounts.policy import Role
from directory.geography.point import Point

READ = {"zstd": compression.zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}
OPEN = ["/", "/rules", "/api/v1/openapi.json", "/api/v1/rulesets/bma-2021.1"]
MOST_BYTES = 14_000
"""Of a page of results without scripts and map: what a new connection may send before it is answered once."""

MOST_BYTES_OF_THE_MAP = 120_000
"""Compressed: all scripts and styles that only a page with a map loads; its tiles are not among them."""

MIDDLE = Point(39.8836, -105.0984)


def built(name: str) -> str:
    """The address of a built file."""
    manifest = json.loads((resources.folder("static") / "dist" / "manifest.json").read_text())
    return f"/static/dist/{manifest[name]}"


def source(name: str) -> bytes:
    return (resources.folder("static") / built(name).removeprefix("/static/")).read_bytes()


@pytest.mark.parametrize("encoding", READ)
@pytest.mark.parametrize("address", OPEN)
def test_an_open_page_says_the_same_compressed(client: FlaskClient, address: str, encoding: str) -> None:
    plain, small = client.get(address), client.get(address, headers={"Accept-Encoding": encoding})
    assert small.headers["Content-Encoding"] == encoding
    assert READ[encoding](small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("encoding", READ)
@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap/places.xml"])
def test_a_sitemap_is_sent_piece_by_piece_and_compressed(client: FlaskClient, address: str, encoding: str) -> None:
    plain, small = client.get(address), client.get(address, headers={"Accept-Encoding": encoding})
    assert small.is_streamed
    assert small.headers["Content-Encoding"] == encoding
    assert READ[encoding](small.data) == plain.data
    assert "<loc>" in plain.text


UNREADABLE = ["", "identity", "gzip;q=0", "gzip;q=0, br;q=0.0, zstd;q=0", "compress", "x" * 5000, ";;,=,q=1"]


@pytest.mark.parametrize("accepted", UNREADABLE)
def test_who_cannot_read_it_gets_it_plain(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/rules", headers={"Accept-Encoding": accepted})
    assert "</html>" in answer.text
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("address", ["/signin/login", "/portal/", "/console/"])
def test_a_page_that_bears_a_secret_is_never_compressed(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Accept-Encoding": "zstd, br, gzip"}, follow_redirects=True)
    assert answer.status_code in {200, 401}
    assert "csrf_token" in answer.text
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("address", OPEN)
def test_no_open_page_bears_a_secret(client: FlaskClient, address: str) -> None:
    assert "csrf" not in client.get(address).text


@pytest.mark.parametrize("encoding", READ)
def test_a_copy_is_asked_about_whatever_way_it_came(client: FlaskClient, encoding: str) -> None:
    kept = client.get("/rules", headers={"Accept-Encoding": encoding})
    again = client.get("/rules", headers={"Accept-Encoding": encoding, "If-None-Match": kept.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/rules", headers={"If-None-Match": kept.headers["ETag"]})
    assert other.status_code == 200, "a plain page is not the compressed one"


@pytest.mark.parametrize("name", ["site.css", "map.css", "site.js", "map.js"])
@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("", None)])
def test_a_built_file_is_served_as_small_as_it_was_built(
    client: FlaskClient, name: str, accepted: str, encoding: str | None
) -> None:
    answer = client.get(built(name), headers={"Accept-Encoding": accepted}, buffered=True)
    assert answer.headers.get("Content-Encoding") == encoding
    assert (READ[encoding](answer.data) if encoding else answer.data) == source(name)
    assert answer.mimetype == ("text/css" if name.endswith(".css") else "text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_has_no_hash_in_its_name_is_asked_about_each_time(client: FlaskClient) -> None:
    for name in ("dist/manifest.json", "img/favicon.svg"):
        answer = client.get(f"/static/{name}", buffered=True)
        assert "immutable" not in answer.headers["Cache-Control"]
        assert answer.status_code == 200


@pytest.mark.parametrize("name", ["dist/none.css", "dist/../../pyproject.toml", "../app.py", "dist/%00", "dist/", ""])
def test_there_is_nothing_beside_the_static_files(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}", headers={"Accept-Encoding": "br"}).status_code == 404


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_a_full_page_of_results_comes_in_the_first_packets(
    client: FlaskClient, session: Session, encoding: str
) -> None:
    owner = make_account(session, Role.PROVIDER)
    for number in range(25):
        place = make_place(Point(MIDDLE.lat + number / 97, MIDDLE.lon + number / 313))
        made = make_listing(
            session,
            owner,
            name=f"{number} {chr(65 + number)}thopaedic {'abcdefgh'[number % 8]}ssociates of Colorado {number * 7919}",
            addresses=(make_address(city=f"City {number * 31}", place=place),),
        )
        if number % 3:
            make_attestation(
                session,
                made,
                answers=MATCHING_ANSWERS if number % 2 else {**MATCHING_ANSWERS, "distinct_sites": 2 + number},
                now=clock.now(),
            )
    session.commit()
    page = client.get("/providers?near=80021&within=100")
    assert page.text.count('class="card"') == 20
    bare = re.sub(r'<svg class="map-drawing.*?</svg>', "", page.text, flags=re.DOTALL).encode()
    html = compression.zstd.compress(bare, 3) if encoding == "zstd" else brotli.compress(bare, quality=4)
    css = client.get(built("site.css"), headers={"Accept-Encoding": "br"}, buffered=True).data
    assert len(html) + len(css) <= MOST_BYTES, f"{len(html)} of HTML, {len(css)} of CSS"


def test_the_code_of_the_map_fits_its_allowance() -> None:
    dist = resources.folder("static") / "dist"
    script = source("map.js").decode()
    parts = {source("map.js"), source("map.css")}
    waiting = [script]
    while waiting:
        for name in re.findall(r"[./]+([\w-]+\.js)", waiting.pop()):
            content = (dist / name).read_bytes()
            if content not in parts:
                parts.add(content)
                waiting.append(content.decode())
    assert len(parts) > 3, "the map's modules were not found"
    assert sum(len(gzip.compress(part)) for part in parts) < MOST_BYTES_OF_THE_MAP
