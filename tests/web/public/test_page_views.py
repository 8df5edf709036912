"""Counting visits: who counts, that nothing about them is stored, and that a page never waits for it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.databases import get_engine
from support.factories import make_attestation, make_listing

from directory import clock
from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.page_views.counter import ViewCounter
from directory.page_views.queries import monthly_views

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WORKERS = """
import multiprocessing, sys

def work():
    from directory.app import create_app
    assert create_app().test_client().get(sys.argv[1], headers={"User-Agent": sys.argv[2]}).status_code == 200

if __name__ == "__main__":
    workers = [multiprocessing.get_context("fork").Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""
"""Two workers as the server forks them, each of which ends after one page."""

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider, now=clock.now())
    make_attestation(session, made, now=clock.now())
    session.commit()
    return made


@pytest.fixture
def counter(app: Flask) -> ViewCounter:
    found = app.extensions["page_views"]
    assert isinstance(found, ViewCounter)
    return found


def counted(session: Session, counter: ViewCounter, listing: Listing) -> tuple[int, int]:
    counter.flush()
    session.rollback()
    this = monthly_views(session, listing.id, now=clock.now())[0]
    return this.listing, this.verify


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        ({"User-Agent": FIREFOX}, True),
        ({"User-Agent": CHROME}, True),
        ({"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}, False),
        ({"User-Agent": FIREFOX, "Purpose": "prefetch"}, False),
        ({"User-Agent": FIREFOX, "X-Moz": "prefetch"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; Yahoo! Slurp)"}, False),
        ({"User-Agent": "curl/8.14.1"}, False),
        ({"User-Agent": ""}, False),
    ],
)
def test_a_browser_counts_and_a_robot_does_not(
    client: FlaskClient, session: Session, counter: ViewCounter, listing: Listing, headers: dict[str, str], counts: bool
) -> None:
    assert client.get(f"/providers/{listing.slug}", headers=headers).status_code == 200
    assert client.get(f"/badges/{listing.slug}", headers=headers, follow_redirects=True).status_code == 200
    assert counted(session, counter, listing) == ((1, 1) if counts else (0, 0))


def test_only_pages_that_somebody_reads_count(
    client: FlaskClient, session: Session, counter: ViewCounter, listing: Listing
) -> None:
    path, headers = f"/providers/{listing.slug}", {"User-Agent": FIREFOX}
    client.head(path, headers=headers)
    for other in ("/history", "/report"):
        client.get(f"{path}{other}", headers=headers)
    client.get(f"/badges/{listing.slug}.png", headers=headers)
    assert counted(session, counter, listing) == (0, 0)
    tag = client.get(path, headers=headers).headers["ETag"]
    assert client.get(path, headers={**headers, "If-None-Match": tag}).status_code == 304
    assert counted(session, counter, listing) == (2, 0), "a reload counts too"


def test_a_page_that_is_not_there_counts_nothing(
    client: FlaskClient, session: Session, counter: ViewCounter, provider: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.RETIRED)
    session.commit()
    assert client.get(f"/providers/{listing.slug}", headers={"User-Agent": FIREFOX}).status_code == 410
    assert counted(session, counter, listing) == (0, 0)


def test_nothing_about_a_visitor_is_stored(
    client: FlaskClient, session: Session, counter: ViewCounter, listing: Listing
) -> None:
    answer = client.get(f"/providers/{listing.slug}", headers={"User-Agent": FIREFOX, "Referer": "https://a.example"})
    assert "Set-Cookie" not in answer.headers
    assert counted(session, counter, listing) == (1, 0)
    (row,) = session.execute(sa.text("SELECT * FROM page_views")).mappings()
    assert set(row) == {"listing_id", "month", "page", "views"}
    assert str(row["month"]).endswith("-01"), "no time finer than a month"


def test_a_page_does_not_wait_for_another_writer(
    client: FlaskClient, session: Session, counter: ViewCounter, listing: Listing
) -> None:
    engine = get_engine(session)
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    writer = sqlite3.connect(Path(str(engine.url.database)), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert client.get(f"/providers/{listing.slug}", headers={"User-Agent": FIREFOX}).status_code == 200
    finally:
        writer.rollback()
        writer.close()
    assert counted(session, counter, listing) == (1, 0)


def test_a_table_that_cannot_be_written_breaks_no_page(
    client: FlaskClient, session: Session, counter: ViewCounter, listing: Listing
) -> None:
    session.execute(sa.text("ALTER TABLE page_views RENAME TO page_views_away"))
    session.commit()
    for _ in range(2):
        assert client.get(f"/providers/{listing.slug}", headers={"User-Agent": FIREFOX}).status_code == 200
        counter.flush()
    session.execute(sa.text("ALTER TABLE page_views_away RENAME TO page_views"))
    session.commit()
    assert counted(session, counter, listing) == (2, 0), "what could not be written was kept"


def test_workers_that_end_write_what_they_have_counted(
    session: Session, counter: ViewCounter, listing: Listing, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-c", WORKERS, f"/providers/{listing.slug}", FIREFOX]
    root = Path(__file__).resolve().parents[3]
    subprocess.run(command, cwd=root, env={**os.environ, **environment}, check=True, timeout=60)
    assert counted(session, counter, listing) == (2, 0)
