"""Pages about the random audit draws, with all the data needed to reproduce each draw."""

import shlex
from dataclasses import dataclass

from flask import Response, make_response

from directory.review import random_audit
from directory.review.random_audit import FROM_LOG
from directory.review.sample import SAMPLE_ONE_IN
from directory.review.tables import AuditDraw
from directory.web.public.blueprint import blueprint
from directory.web.support.headers import cache_publicly
from directory.web.support.requests import session
from directory.web.support.templating import render


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """`public/draws.html`: the draws of all quarters."""

    draws: tuple[AuditDraw, ...]


@dataclass(frozen=True, slots=True)
class DrawPage:
    """`public/draw.html`: the seed, the list of candidates, and the ids that were drawn, in ascending order."""

    draw: AuditDraw
    drawn: tuple[str, ...]
    from_log: bool
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
    ids = tuple(row.attestation.public_id for row in random_audit.drawn_attestations(session(), held))
    page = DrawPage(held, ids, held.seed_source == FROM_LOG, SAMPLE_ONE_IN, shlex.quote(held.seed))
    return cache_publicly(make_response(render("public/draw.html", page)))


@blueprint.get("/draws/<quarter>/candidates.txt")
def draw_candidates(quarter: str) -> Response:
    """Return the candidates' ids, one per line, with exactly the bytes that were hashed."""
    held = random_audit.draw_of_quarter(session(), quarter)
    return cache_publicly(Response(held.candidates, mimetype="text/plain"))
