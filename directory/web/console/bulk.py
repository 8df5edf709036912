"""The page that accepts, publishes or returns up to 25 cases at once, each with its answers in sight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request
from werkzeug.wrappers import Response
from wtforms import Form, TextAreaField

from directory import transaction
from directory.accounts.policy import Action, may
from directory.attestations.tables import Attestation
from directory.certification.standing import grade_stored
from directory.errors import Conflict, Refusal
from directory.listings.changes import from_json
from directory.listings.tables import Listing, ListingRevision
from directory.review.bulk import MAX_CASES, BulkDecision, Choice, Part, decide_in_bulk
from directory.review.bulk_parts import BulkCase, bulk_cases
from directory.web.console.blueprint import blueprint
from directory.web.console.case_labels import KIND_LABELS
from directory.web.console.case_links import case_href
from directory.web.console.queue import queue_href
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

MAX_ID = 2**31 - 1


class BulkForm(Form):  # type: ignore[misc]  # WTForms has no types
    """One note to all providers."""

    note = TextAreaField("One note to all", description="Each provider reads it, and it stays on the record.")


@dataclass(frozen=True, slots=True)
class BulkPart:
    """Something that is decided; `value` names it in the form, in the version that is shown.

    `grade` is the grade's display word, or empty where nothing is graded.
    """

    value: str
    kind: str
    summary: str
    grade: str
    label: str
    flags: tuple[str, ...]
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One case; `hindrance` says why it cannot be decided here, and `rest` what else waits and stays."""

    name: str
    href: str
    place: str
    parts: tuple[BulkPart, ...]
    rest: str
    hindrance: str


@dataclass(frozen=True, slots=True)
class BulkPage:
    """`console/bulk.html`: the selected cases, and the decision on all of them."""

    rows: tuple[BulkRow, ...]
    accepts: bool
    form: BulkForm
    action: str
    back: str
    most: int

    @property
    def count(self) -> int:
        """The number of cases of which something can be decided."""
        return sum(bool(row.parts) for row in self.rows)


@blueprint.get("/bulk")
def bulk() -> ViewResponse:
    """Show the selected cases before anything is decided."""
    return render("console/bulk.html", _page(_selected(), BulkForm(), chosen=None))


@blueprint.post("/bulk")
def decide_on_bulk() -> ViewResponse:
    """Decide on all of them, or show the page with the reason why nothing was decided."""
    form, chosen = BulkForm(request.form), request.form.getlist("item")
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        count = decide_in_bulk(
            writing, _choices(_selected(), chosen), _decision(), note=form.note.data or "",
            by=actor(), now=now(), rulesets=services().rulesets,
        )  # fmt: skip  # two lines read better than eight
        done = "Accepted" if _decision() is BulkDecision.ACCEPT else "Returned"
        flash(f"{done} {count} {'case' if count == 1 else 'cases'}.", "success")
        return redirect(queue_href(), 303)
    session().expire_all()
    return render("console/bulk.html", _page(_selected(), form, chosen)), refused.status


def _decision() -> BulkDecision:
    return BulkDecision.RETURN if request.args.get("do") == BulkDecision.RETURN.value else BulkDecision.ACCEPT


def _selected() -> list[BulkCase]:
    """Return the cases that the URL names, at most one more than may be decided."""
    ids = [number for number in request.args.getlist("case", type=int) if 0 < number <= MAX_ID]
    return bulk_cases(session(), list(dict.fromkeys(ids))[: MAX_CASES + 1], now=now())


def _choices(cases: Sequence[BulkCase], chosen: Sequence[str]) -> list[Choice]:
    """Return what was chosen, in the version that was shown.

    Raises:
        Conflict: it does not wait any more.
    """
    waiting = {item.subject: part for case in cases for item, part in case.parts}
    found = []
    for value in chosen:
        subject, _, version = value.partition("@")
        if subject not in waiting:
            raise Conflict("Nothing was decided: one of these was decided in the meantime. Look at what is left.")
        found.append(Choice(waiting[subject], int(version) if version.isascii() and version.isdigit() else -1))
    return found


def _page(cases: Sequence[BulkCase], form: BulkForm, chosen: Sequence[str] | None) -> BulkPage:
    return BulkPage(
        rows=tuple(_row(case, chosen) for case in cases),
        accepts=_decision() is BulkDecision.ACCEPT,
        form=form,
        action=request.full_path,
        back=queue_href(),
        most=MAX_CASES,
    )


def _row(case: BulkCase, chosen: Sequence[str] | None) -> BulkRow:
    listing = case.listing
    first = next(iter(listing.locations), None)
    is_open = may(actor(), Action.DECIDE, right=listing.right_of(actor().id))
    own = "" if is_open else "You manage this listing, so somebody else has to decide on it."
    none = "" if case.parts else "This needs a decision of its own."
    return BulkRow(
        name=listing.name,
        href=case_href(listing.id),
        place=f"{first.city}, {first.state}" if first else "",
        parts=tuple(_parts(case, chosen)) if is_open else (),
        rest=", ".join(KIND_LABELS[kind] for kind in case.rest),
        hindrance=own or none,
    )


def _parts(case: BulkCase, chosen: Sequence[str] | None) -> Iterator[BulkPart]:
    for item, part in case.parts:
        subject = f"{item.subject}@{part.version}"
        summary, grade, label = _summary(part)
        names = {value.partition("@")[0] for value in chosen or ()}
        yield BulkPart(
            value=subject,
            kind=KIND_LABELS[item.kind],
            summary=summary,
            grade=grade,
            label=label,
            flags=tuple(item.flags.values()),
            is_chosen=chosen is None or item.subject in names,
        )


def _summary(part: Part) -> tuple[str, str, str]:
    """Return what is decided in a few words, and for answers their grade and what follows from it."""
    if isinstance(part, Attestation):
        return _answers(part)
    if isinstance(part, ListingRevision):
        changes = from_json(part.changes)
        return "; ".join(f"{change.short}: {change.before} → {change.after}" for change in changes), "", ""
    return _listing_words(part), "", ""


def _listing_words(listing: Listing) -> str:
    first = next(iter(listing.locations), None)
    address = f"{first.line1}, {first.city}, {first.state} {first.postal_code}" if first else ""
    npi = f"NPI {listing.npi}" if listing.npi else "no NPI"
    return " · ".join(filter(None, (listing.practice, npi, address, listing.phone)))


def _answers(attestation: Attestation) -> tuple[str, str, str]:
    try:
        graded = grade_stored(services().rulesets, attestation.ruleset_id, attestation.answers).assessment
    except Refusal:
        return "These answers cannot be read.", "", ""
    words = " · ".join(finding.answer_text for finding in graded.findings)
    return words, graded.grade.word, "badge" if graded.badge_earned else "no badge"
