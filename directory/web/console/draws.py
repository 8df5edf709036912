"""A reviewer's pages of the random draw: what was drawn, and what a closer look found."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.review import drawing
from directory.review.tables import Draw, Drawn
from directory.web.console.blueprint import blueprint
from directory.web.console.dispute_forms import LookForm
from directory.web.support.refusals import Refused
from directory.web.support.requests import actor, now, session
from directory.web.support.templating import render

DRAWN = "<int(max=2147483647):drawn_id>"
"""A number as both databases keep it."""

Answer = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class DrawsPage:
    """`console/draws.html`: each draw with what was drawn, the latest first."""

    draws: tuple[tuple[Draw, Sequence[Drawn]], ...]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """`console/drawn.html`: one that was drawn; `can_write` where nobody wrote down yet what was found."""

    drawn: Drawn
    form: LookForm
    can_write: bool
    is_own: bool


@blueprint.get("/draws")
def draws() -> Answer:
    """Every draw."""
    held = drawing.draws(session())
    return render("console/draws.html", DrawsPage(tuple((row, drawing.drawn_in(session(), row)) for row in held)))


@blueprint.get(f"/draws/{DRAWN}")
def drawn(drawn_id: int) -> Answer:
    """One that was drawn."""
    return render("console/drawn.html", _page(drawing.drawn_row(session(), drawn_id), LookForm()))


@blueprint.post(f"/draws/{DRAWN}")
def look_at_drawn(drawn_id: int) -> Answer:
    """What was found, or the page again."""
    found, form = drawing.drawn_row(session(), drawn_id), LookForm(request.form)
    with Refused(form) as refused, transaction.writing() as writing:
        drawing.look(writing, found, form.finding.data or "", by=actor(), now=now())
        flash(f"{found.attestation.listing.name}: looked at.", "success")
        return redirect(url_for("console.draws"), 303)
    return render("console/drawn.html", _page(found, form)), refused.status


def _page(found: Drawn, form: LookForm) -> DrawnPage:
    open_to_me = may(actor(), Action.DECIDE, owner_id=found.attestation.listing.owner_id)
    return DrawnPage(found, form, can_write=open_to_me and found.looked_at is None, is_own=not open_to_me)
