"""How the patients' pages are served: who may keep them, what they cost, and what operators and robots ask."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from support.databases import get_engine
from support.factories import MATCHING_ANSWERS

from directory import clock, transaction

KEPT = ["/", "/rules", "/rules/bma-2021.1", "/questions", "/check", "/near", "/near/co"]
NOT_KEPT = [
    "/providers",
    "/providers?near=80021",
    "/providers?near=Nowhereville",
    "/suggest?q=den",
    "/compare",
    "/providers/none",
]


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """What the application asks the database."""
    asked: list[str] = []
    with app.app_context():
        watched = get_engine(transaction.session())

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(watched, "before_cursor_execute", note)
    yield asked
    sa.event.remove(watched, "before_cursor_execute", note)


FILTERED = (
    "",
    "&badge=1",
    "&imaging=any&volume=10&sites=5&bone=posterior_iliac_crest",
    "&badge=1&imaging=fluoroscopy&q=clinic&volume=10&sites=5&bone=posterior_iliac_crest&kind=person&within=any",
    "&badge=1&imaging=ct&q=nobody&volume=5&sites=10&bone=tibia&language=es&kind=clinic&accepting=1&confirmed=1",
)


@pytest.mark.parametrize("path", ["/providers", "/api/v1/providers", "/api/v1/providers.geojson"])
@pytest.mark.parametrize("count", [1, 12, 45])
def test_a_search_makes_four_statements_at_most(
    client: FlaskClient, add_listing, statements: list[str], path: str, count: int
) -> None:
    for number in range(count):
        add_listing(f"Clinic {number}", 1 + number / 10, answers=MATCHING_ANSWERS if number % 2 else None)
    client.get(f"{path}?near=80021")  # makes the snapshot
    for filters in FILTERED:
        statements.clear()
        assert client.get(f"{path}?near=80021{filters}").status_code == 200
        assert len(statements) <= 4, "\n".join(statements)


def test_a_providers_page_asks_four_times(client: FlaskClient, add_listing, statements: list[str]) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    client.get(f"/providers/{made.slug}")  # the first connection says hello
    statements.clear()
    assert client.get(f"/providers/{made.slug}").status_code == 200
    assert len(statements) == 4


@pytest.mark.parametrize("address", [*KEPT, *NOT_KEPT, "/healthz", "/readyz", "/robots.txt"])
def test_no_patient_gets_a_cookie(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("address", KEPT)
def test_what_tells_nothing_of_who_reads_it_may_be_kept_a_while(client: FlaskClient, address: str) -> None:
    page = client.get(address)
    assert page.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(address, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("address", NOT_KEPT)
def test_what_somebody_searched_is_kept_by_nobody(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "private, no-store"


def test_a_providers_page_is_not_kept_past_the_end_of_the_badge(client: FlaskClient, add_listing) -> None:
    year, minute = timedelta(days=365), timedelta(minutes=1)
    ending = add_listing("Ending Clinic", answers=MATCHING_ANSWERS, signed_at=clock.now() - year + minute)
    lasting = add_listing("Lasting Clinic", answers=MATCHING_ANSWERS)
    kept = client.get(f"/providers/{ending.slug}").headers["Cache-Control"]
    seconds = kept.removeprefix("public, max-age=").removesuffix(", must-revalidate")
    assert 0 <= int(seconds) < 60
    assert client.get(f"/providers/{lasting.slug}").headers["Cache-Control"] == "public, max-age=60, must-revalidate"


def test_the_map_is_read_in_parts_and_never_compressed(client: FlaskClient) -> None:
    asked = {"Range": "bytes=0-6", "Accept-Encoding": "gzip, br"}
    part = client.get("/map/basemap.pmtiles", headers=asked, buffered=True)
    assert (part.status_code, part.data) == (206, b"PMTiles")
    assert "Content-Encoding" not in part.headers
    assert part.headers["Cache-Control"] == "public, max-age=86400"
    again = client.get("/map/basemap.pmtiles", headers={"If-None-Match": part.headers["ETag"]}, buffered=True)
    assert again.status_code == 304


def test_an_operators_own_map_comes_first(client: FlaskClient, app: Flask) -> None:
    own = app.extensions["directory"].settings.basemap
    own.write_bytes(b"the operator's own")
    assert client.get("/map/basemap.pmtiles", buffered=True).data == b"the operator's own"


def test_a_worker_says_that_it_lives_and_whether_it_is_ready(client: FlaskClient, app: Flask) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"
    with app.app_context(), get_engine(transaction.session()).begin() as connection:
        connection.execute(sa.text("DROP TABLE search_state"))
    assert client.get("/healthz").status_code == 200
    broken = client.get("/readyz")
    assert (broken.status_code, broken.text) == (503, "not ready\n")


def test_robots_keep_out_of_searches(client: FlaskClient) -> None:
    assert "Disallow: /providers?" in client.get("/robots.txt").text
    for address in ("/providers", "/providers?near=80021"):
        assert '<meta name="robots" content="noindex">' in client.get(address).text


def test_the_sign_is_where_browsers_look_for_it(client: FlaskClient) -> None:
    assert client.get("/favicon.ico", buffered=True).mimetype == "image/svg+xml"


@pytest.mark.parametrize("address", [*KEPT, "/providers", "/providers?near=80021"])
def test_a_page_loads_nothing_from_elsewhere_and_nothing_inline(client: FlaskClient, add_listing, address: str) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    for page in (client.get(address), client.get(f"/providers/{made.slug}")):
        loaded = [part.partition('"')[0] for part in page.text.split('src="')[1:]]
        assert all(source.startswith("/") and not source.startswith("//") for source in loaded)
        assert "style=" not in page.text
        assert "<style" not in page.text
        assert page.text.count("<script") == page.text.count('<script type="module" src="/static/')
