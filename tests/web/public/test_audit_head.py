"""The audit log as everybody sees it: a head a day that stays, entries, and a page that says how to check them."""

import html
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws as joserfc_jws
from joserfc.jwk import KeySet
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.page_text import visible_text
from werkzeug.serving import make_server

from directory import clock
from directory.accounts.tables import Account
from directory.audit import queries
from directory.audit.chain import GENESIS
from directory.audit.heads import parse_unverified
from directory.audit.tables import AuditHead
from directory.config import Settings
from directory.signing.keys import Keyring
from directory.web.public import transparency

VALIDITY = 300


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once: making one takes a good part of a second."""
    folder = tmp_path_factory.mktemp("keys")
    Keyring.open(folder)
    return folder


@pytest.fixture(autouse=True)
def _keys(settings: Settings, key_folder: Path) -> None:
    shutil.copytree(key_folder, settings.keys, dirs_exist_ok=True)


@pytest.fixture
def audit_entries(session: Session, provider: Account) -> int:
    """A few decisions; how many entries they left."""
    make_attestation(session, make_listing(session, provider))
    session.commit()
    return 4


def today(client: FlaskClient) -> dict[str, str | int]:
    answer = client.get("/audit/head.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return dict(answer.get_json())


def test_the_head_of_an_empty_log_is_signed_too(client: FlaskClient) -> None:
    said = today(client)
    assert (said["seq"], said["hash"]) == (0, GENESIS)
    assert said["merkle_root"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_head_is_proved_by_the_keys_that_are_served(
    client: FlaskClient, settings: Settings, audit_entries: int
) -> None:
    said = today(client)
    served = KeySet.import_key_set(client.get("/.well-known/jwks.json").get_json())
    token = str(said.pop("jws"))
    header = joserfc_jws.extract_compact(token.encode()).headers()
    kid = str(header["kid"]).removeprefix(settings.base_url)
    assert client.get(kid).get_json().keys() == {"kty", "n", "e"}
    key = next(key for key in served.keys if kid.endswith(f"/{key.kid}"))
    proved = joserfc_jws.deserialize_compact(token, key, algorithms=["RS256"])
    assert json.loads(proved.payload) == said
    assert (said["seq"], said["issuer"]) == (audit_entries, settings.base_url)
    assert header["typ"] == "audit-head+jws"


@pytest.mark.usefixtures("audit_entries")
def test_the_head_of_today_stays_whatever_happens_later_today(
    client: FlaskClient, session: Session, provider: Account
) -> None:
    before = today(client)
    make_listing(session, provider)
    session.commit()
    assert today(client) == before
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditHead)) == 1
    assert client.get(f"/audit/heads/{str(before['at'])[:10]}.json").get_json() == before


@pytest.mark.usefixtures("audit_entries")
def test_an_earlier_head_stays_readable(client: FlaskClient, session: Session) -> None:
    signed = str(today(client)["jws"])
    yesterday = date.fromisoformat(parse_unverified(signed).day) - timedelta(days=1)
    session.add(AuditHead(day=yesterday, jws=signed))
    session.commit()
    assert client.get(f"/audit/heads/{yesterday}.json").get_json()["jws"] == signed


@pytest.mark.parametrize("day", ["2020-01-01", "20261122", "2026-W47-7", "yesterday", "2026-13-01", "%00"])
def test_a_day_without_a_head_is_not_found(client: FlaskClient, day: str) -> None:
    assert client.get(f"/audit/heads/{day}.json").status_code == 404


def test_a_head_is_kept_by_caches_until_the_day_is_over_at_most(client: FlaskClient) -> None:
    answer = client.get("/audit/head.json")
    seconds = re.fullmatch(r"public, max-age=(\d+)", answer.headers["Cache-Control"])
    now = clock.now()
    left = 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)
    assert seconds
    assert int(seconds[1]) <= min(VALIDITY, left + 2)
    assert answer.headers["ETag"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "2147483648", "9" * 5000, "٣", "1 "])
def test_entries_are_asked_for_by_a_number_and_nothing_else(client: FlaskClient, after: str) -> None:
    answer = client.get("/audit/entries.jsonl", query_string={"after": after})
    assert answer.status_code == 422


@pytest.mark.usefixtures("audit_entries")
def test_entries_are_given_a_page_at_a_time(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transparency, "ENTRIES_PER_PAGE", 3)
    pages = [client.get(f"/audit/entries.jsonl?after={after}").text.splitlines() for after in (0, 3, 4, 2**31 - 1)]
    assert [[json.loads(line)["seq"] for line in page] for page in pages] == [[1, 2, 3], [4], [], []]


def test_entries_name_nobody(client: FlaskClient, provider: Account, audit_entries: int) -> None:
    text = client.get("/audit/entries.jsonl").text
    assert text.count("\n") == audit_entries
    for personal in (provider.name, provider.email, "Ann Example", "Medical director", "Summit"):
        assert personal not in text


def test_the_page_shows_the_head_and_how_many_lines_there_are(
    client: FlaskClient, session: Session, provider: Account, audit_entries: int
) -> None:
    said = today(client)
    make_listing(session, provider)
    session.commit()
    page = visible_text(client.get("/audit"))
    assert f"Lines in it {audit_entries}" in page
    assert f"Lines in the log now {audit_entries + 2}" in page
    assert str(said["hash"]) in page
    assert str(said["merkle_root"]) in page


# ---- the program on the page is run as it stands, against a server ----


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run_program(client: FlaskClient, settings: Settings, address: str) -> subprocess.CompletedProcess[str]:
    shown = re.search(r"<pre[^>]*><code>(import.+?)</code></pre>", client.get("/audit").text, re.DOTALL)
    assert shown
    program = html.unescape(shown[1])
    assert settings.base_url in program
    return subprocess.run(
        [sys.executable, "-I", "-c", program.replace(settings.base_url, address)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_program_on_the_page_finds_a_whole_log_whole(
    client: FlaskClient, settings: Settings, address: str, audit_entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transparency, "ENTRIES_PER_PAGE", 3)
    run = run_program(client, settings, address)
    assert (run.returncode, run.stdout) == (0, f"{audit_entries} entries are as they were written\n"), run.stderr


@pytest.mark.usefixtures("audit_entries")
@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("UPDATE audit_entries SET object = 'listing:9' WHERE seq = 2", "entry 2 is not as it was written"),
        ("DELETE FROM audit_entries WHERE seq = 3", "entry 3 is not as it was written"),
        ("DELETE FROM audit_entries WHERE seq > 2", "entries are missing at the end"),
    ],
)
def test_the_program_on_the_page_finds_what_the_owner_of_the_database_did(
    client: FlaskClient, session: Session, settings: Settings, address: str, fault: str, complaint: str
) -> None:
    today(client)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
    else:
        for verb in ("update", "delete"):
            session.execute(sa.text(f"DROP TRIGGER audit_entries_no_{verb}"))
    session.execute(sa.text(fault))
    session.commit()
    run = run_program(client, settings, address)
    assert run.returncode == 1
    assert complaint in run.stderr


@pytest.mark.usefixtures("audit_entries")
def test_two_who_ask_first_at_once_get_the_same_head(app: Flask, session: Session) -> None:
    heads: list[str] = []
    start = threading.Barrier(4)

    def ask() -> None:
        client = app.test_client()
        start.wait(10)
        heads.append(client.get("/audit/head.json").get_json()["jws"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(heads) == 4
    assert len(set(heads)) == 1
    assert [row.jws for row in queries.heads(session)] == heads[:1]
