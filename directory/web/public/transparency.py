"""The public audit log: a page that explains it, its signed heads, and its entries for download."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Response, make_response, request

from directory import transaction
from directory.audit import queries
from directory.audit.chain import to_json_lines
from directory.audit.commands import publish_head
from directory.audit.heads import Head, head_document, parse_unverified
from directory.errors import FieldError, Invalid, NotFound
from directory.signing.keys import Keyring
from directory.web.public.blueprint import blueprint
from directory.web.support.headers import cache_briefly, cache_publicly
from directory.web.support.requests import now, services, session
from directory.web.support.templating import render

ENTRIES_PER_PAGE = 1000
"""Audit log entries per response; arbitrary, about a quarter of a megabyte."""

MAX_SEQ = 2**31 - 1
"""The largest sequence number that an audit log entry can have."""

VERIFY_SCRIPT = """\
import hashlib, json, urllib.request
read = lambda path: urllib.request.urlopen("{base_url}" + path).read()
head, last, seq = json.loads(read("/audit/head.json")), bytes(32), 0
while lines := read(f"/audit/entries.jsonl?after={{seq}}").splitlines():
    for entry in map(json.loads, lines):
        seq, claimed = seq + 1, entry.pop("hash")
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        last = hashlib.sha256(b"\\0" + last + text.encode()).digest()
        assert (entry["seq"], last.hex()) == (seq, claimed), f"entry {{seq}} is not as it was written"
        assert seq != head["seq"] or claimed == head["hash"], "the head was signed over another log"
assert seq >= head["seq"], "entries are missing at the end"
print(seq, "entries are as they were written")
"""
"""A program that checks the log with nothing but Python; `{base_url}` is replaced by this site's URL."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`public/audit.html`: what the log is, its current head and length, and how to check it."""

    head: Head
    day: date
    count: int
    program: str


@blueprint.get("/audit")
def audit() -> Response:
    """Show the page that explains the audit log."""
    head = parse_unverified(_signed_head_of_today())
    last = queries.last_entry(session())
    program = VERIFY_SCRIPT.format(base_url=services().settings.base_url)
    page = AuditPage(head, date.fromisoformat(head.day), last.seq if last else 0, program)
    return cache_briefly(make_response(render("public/audit.html", page)), until=_end_of_day(), now=now())


@blueprint.get("/audit/head.json")
def head_of_today() -> Response:
    """Return today's signed head; the first request of the day creates it."""
    return cache_publicly(_json_response(head_document(_signed_head_of_today())), until=_end_of_day(), now=now())


@blueprint.get("/audit/heads/<day>.json")
def head_of_a_day(day: str) -> Response:
    """Return the signed head of an earlier day, which never changes."""
    return cache_publicly(_json_response(head_document(queries.published_head(session(), _parse_date(day)).jws)))


@blueprint.get("/audit/entries.jsonl")
def entries() -> Response:
    """Return up to `ENTRIES_PER_PAGE` entries after sequence number `after`, one JSON object per line."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdecimal()) or int(after[:20]) > MAX_SEQ:
        raise Invalid([FieldError("after", f"after must be a whole number from 0 to {MAX_SEQ}.")])
    rows = queries.entries_after(session(), int(after), limit=ENTRIES_PER_PAGE)
    return cache_briefly(
        _allow_any_origin(Response(to_json_lines(rows), mimetype="application/jsonl")), until=None, now=now()
    )


def _signed_head_of_today() -> str:
    settings = services().settings
    key = Keyring.open(settings.keys, settings.signing_key).current
    with transaction.atomic() as current:
        return publish_head(current, key=key, issuer=settings.base_url, now=now()).jws


def _parse_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # `fromisoformat` accepts other formats too, but each head has only one URL.
    if day is None or day.isoformat() != text:
        raise NotFound("There is no such day. Write it as in /audit/heads/2026-11-22.json.")
    return day


def _end_of_day() -> datetime:
    """Return the next midnight in UTC, when today's head stops being the current one."""
    return datetime.combine(now().astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _json_response(document: Mapping[str, object]) -> Response:
    return _allow_any_origin(Response(json.dumps(document, indent=2) + "\n", mimetype="application/json"))


def _allow_any_origin(response: Response) -> Response:
    """Let any other site embed and read the response."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
