"""An answer is given again only while nothing can have changed in it, and never where it tells of a precise place."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import RIGHT, make_attestation
from flask import Flask
from flask.testing import FlaskClient
from fresh_databases import engine
from page_text import listed
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.accounts.tables import Account
from directory.evidence.tables import Look
from directory.listings.tables import Listing
from directory.search.rebuilding import rebuild
from directory.web.support import remembering
from directory.web.support.requests import services

PAGE = "/providers?near=80021&within=50"
MACHINE = "/api/v1/providers?near=80021&within=50"


@pytest.fixture
def of_the_index(app: Flask) -> Iterator[list[str]]:
    """What the application asks the index."""
    asked: list[str] = []
    with app.app_context():
        watched = engine(transaction.session())

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "search_" in statement:
            asked.append(statement)

    sa.event.listen(watched, "before_cursor_execute", note)
    yield asked
    sa.event.remove(watched, "before_cursor_execute", note)


def kept(app: Flask) -> remembering.Answers:
    answers = app.extensions[remembering.EXTENSION]
    assert isinstance(answers, remembering.Answers)
    return answers


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip", ""])
@pytest.mark.parametrize("address", [PAGE, MACHINE, "/providers?near=Westminster, CO&badge=1"])
def test_the_same_question_asked_again_is_answered_the_same_without_a_search(
    client: FlaskClient, put, of_the_index: list[str], address: str, encoding: str
) -> None:
    for number in range(25):
        put(f"Clinic {number}", number, answers=RIGHT)
    first = client.get(address, headers={"Accept-Encoding": encoding})
    assert of_the_index
    of_the_index.clear()
    again = client.get(address, headers={"Accept-Encoding": encoding})
    assert again.data == first.data
    first.headers.pop("Date", None)  # which the server says of each
    assert dict(again.headers) == dict(first.headers)
    assert again.headers["Cache-Control"] == "private, no-store"
    assert not of_the_index


def test_each_gets_it_as_they_can_read_it(client: FlaskClient, put) -> None:
    put("Any Clinic")
    for encoding in ("gzip", "", "zstd", "gzip;q=0", "gzip"):
        answer = client.get(PAGE, headers={"Accept-Encoding": encoding})
        assert answer.headers.get("Content-Encoding") == (encoding if encoding in {"gzip", "zstd"} else None)


def _renamed(_session: Session, made: Listing) -> None:
    made.name = "Another Name"


def _moved(_session: Session, made: Listing) -> None:
    made.locations[0].city = "Elsewhere"


def _signed(session: Session, made: Listing) -> None:
    make_attestation(session, made, answers=RIGHT)


def _past_the_objects(session: Session, _made: Listing) -> None:
    session.execute(sa.text("UPDATE listings SET name = 'A Third Name'"))


CHANGES = [_renamed, _moved, _signed, _past_the_objects]


@pytest.mark.parametrize("address", [PAGE, MACHINE])
@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_committed_shows_at_once(
    client: FlaskClient, put, session: Session, address: str, change: Callable[[Session, Listing], None]
) -> None:
    made = put("Any Clinic")
    before = client.get(address).data
    assert client.get(address).data == before
    change(session, made)
    session.flush()
    session.commit()
    assert client.get(address).data != before


@pytest.mark.parametrize("address", [PAGE, MACHINE])
def test_what_this_very_worker_writes_shows_at_once(client: FlaskClient, app: Flask, put, address: str) -> None:
    made = put("Any Clinic")
    before = client.get(address).data
    with app.app_context(), transaction.writing() as own:
        own.get_one(Listing, made.id).name = "Another Name"
    assert client.get(address).data != before


def test_a_document_that_was_seen_shows_at_once(client: FlaskClient, put, session: Session, admin: Account) -> None:
    made = put("Any Clinic", answers=RIGHT)
    before = client.get(MACHINE).get_json()["providers"][0]["technique"]["findings"]
    attestation_id = session.scalar(sa.text("SELECT id FROM attestations"))
    criterion = before[0]["criterion"]
    session.add(
        Look(attestation_id=attestation_id, criterion=criterion, what="A report.", by_id=admin.id, at=clock.now())
    )
    session.commit()
    after = client.get(MACHINE).get_json()["providers"][0]["technique"]["findings"]
    assert made.slug in listed(client.get(PAGE))
    assert [row["proof"] for row in after] != [row["proof"] for row in before]


def test_a_rebuilt_index_is_asked_anew(client: FlaskClient, app: Flask, put, of_the_index: list[str]) -> None:
    put("Any Clinic")
    client.get(PAGE)
    with app.app_context():
        rebuild(transaction.writing, rulesets=services().rulesets, now=clock.now())
    of_the_index.clear()
    client.get(PAGE)
    assert of_the_index


@pytest.mark.parametrize("address", [f"{PAGE}&badge=1", f"{MACHINE}&imaging=any", PAGE])
def test_what_ends_by_itself_ends_what_was_kept(
    client: FlaskClient, put, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    start = clock.now()
    put("Ending Clinic", answers=RIGHT, signed_at=start - timedelta(days=364))
    put("Lasting Clinic", answers=RIGHT)
    before = client.get(address).data
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=1))
    assert client.get(address).data == before
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=3))
    assert client.get(address).data != before


def test_nothing_is_kept_while_something_that_ended_is_not_swept_out(
    client: FlaskClient, put, of_the_index: list[str]
) -> None:
    put("Ended Clinic", answers=RIGHT, signed_at=clock.now() - timedelta(days=400))
    for _ in range(2):
        of_the_index.clear()
        client.get(PAGE)
        assert of_the_index


NEVER = [
    "/providers?near=39.8836,-105.0984",
    "/providers?near=12 Any Street, Westminster, CO 80021",
    "/providers?near=80021&q=Example",
    "/providers?near=80021&mail=somebody@example.org",
    "/providers?near=80021&within=7000",
    "/providers?near=Nowhereville",
    "/providers",
    "/api/v1/providers?near=39.8836,-105.0984",
    "/api/v1/providers?near=80021&q=Example",
]


@pytest.mark.parametrize("address", NEVER)
def test_no_precise_place_and_nothing_that_was_typed_of_a_person_is_kept(
    client: FlaskClient, app: Flask, put, address: str
) -> None:
    put("Any Clinic")
    client.get(address)
    assert not kept(app).kept


def test_a_position_that_was_posted_is_not_kept(client: FlaskClient, app: Flask, put) -> None:
    put("Any Clinic")
    assert client.post("/providers/near-me", data={"lat": "39.90", "lon": "-105.10"}).status_code == 200
    assert not kept(app).kept


def test_what_is_kept_has_a_limit(
    client: FlaskClient, app: Flask, put, monkeypatch: pytest.MonkeyPatch, of_the_index: list[str]
) -> None:
    put("Any Clinic")
    size = len(client.get(PAGE).data)
    monkeypatch.setattr(remembering, "MOST_BYTES", 3 * size + size // 2)
    for miles in range(10, 30):
        client.get(f"/providers?near=80021&within={miles}")
    assert 0 < kept(app).size <= remembering.MOST_BYTES
    assert kept(app).size == sum(len(each.body) for each in kept(app).kept.values())
    of_the_index.clear()
    client.get("/providers?near=80021&within=29")
    assert not of_the_index
