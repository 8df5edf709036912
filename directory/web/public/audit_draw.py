"""Pages about the random audit draws, with all the data needed to reproduce each draw and to count its outcomes."""

import shlex
from dataclasses import dataclass
from datetime import date, datetime

from flask import Response, make_response

from directory.review import random_audit
from directory.review.random_audit import FROM_FIRST_HEAD, PublicOutcome
from directory.review.sample import SAMPLE_ONE_IN
from directory.review.tables import AuditDraw
from directory.web.public.blueprint import blueprint
from directory.web.support.headers import cache_publicly
from directory.web.support.requests import now, session
from directory.web.support.state_labels import OUTCOME_LABELS
from directory.web.support.templating import render

SHOWN = 500
"""Drawn ids on the page of a draw; arbitrary, the page stays small. The file of outcomes has all of them."""

EARLIER = "before outcomes were recorded"
"""The outcome in the file of an attestation that was looked at before outcomes were recorded."""


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """`public/draws.html`: the draws of all quarters."""

    draws: tuple[AuditDraw, ...]


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One drawn id, the state of the provider at the draw, and the outcome in words."""

    public_id: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class DrawPage:
    """`public/draw.html`: the seed, the list of candidates, and the first ids that were drawn, in ascending order.

    `seed_day` is the day of the audit log head that gave the seed; None if the operator gave it. `began_late` is set
    if the directory began in this quarter, after its first day.
    """

    draw: AuditDraw
    rows: tuple[OutcomeRow, ...]
    total: int
    seed_day: date | None
    began_late: bool
    one_in: int
    seed_in_shell: str


@blueprint.get("/draws")
def draws() -> Response:
    """Show the draws of all quarters."""
    page = DrawsPage(tuple(random_audit.draws(session())))
    return cache_publicly(make_response(render("public/draws.html", page)))


@blueprint.get("/draws/<quarter>")
def draw(quarter: str) -> Response:
    """Show the draw of one quarter."""
    held = random_audit.draw_of_quarter(session(), quarter)
    found, due = random_audit.public_outcomes(session(), held, limit=SHOWN), random_audit.due_at(held)
    page = DrawPage(
        draw=held,
        rows=tuple(OutcomeRow(row.public_id, row.state, _words(row, due)) for row in found),
        total=random_audit.count_drawn_in(session(), held),
        seed_day=random_audit.seed_day(session(), held),
        began_late=held.seed_source == FROM_FIRST_HEAD,
        one_in=SAMPLE_ONE_IN,
        seed_in_shell=shlex.quote(held.seed),
    )
    return cache_publicly(make_response(render("public/draw.html", page)))


@blueprint.get("/draws/<quarter>/candidates.txt")
def draw_candidates(quarter: str) -> Response:
    """Return the candidates' ids, one per line, with exactly the bytes that were hashed."""
    held = random_audit.draw_of_quarter(session(), quarter)
    return cache_publicly(Response(held.candidates, mimetype="text/plain"))


@blueprint.get("/draws/<quarter>/outcomes.csv")
def draw_outcomes(quarter: str) -> Response:
    """Return every drawn id with its state and outcome; an id without an outcome was not looked at yet."""
    held = random_audit.draw_of_quarter(session(), quarter)
    lines = [
        f"{row.public_id},{row.state},{_code(row)},{row.looked_at.date() if row.looked_at else ''}\r\n"
        for row in random_audit.public_outcomes(session(), held)
    ]
    text = "".join(["id,state,outcome,looked_at\r\n", *lines])
    return cache_publicly(Response(text, mimetype="text/csv"))


def _code(row: PublicOutcome) -> str:
    if row.outcome:
        return row.outcome.value
    return EARLIER if row.looked_at else ""


def _words(row: PublicOutcome, due: datetime) -> str:
    if row.outcome:
        return OUTCOME_LABELS[row.outcome]
    if row.looked_at:
        return "Looked at before outcomes were recorded"
    return "Not looked at yet" if now() <= due else "Not looked at in time"
