"""Console pages for imports that run or have run: progress, report, rows, undo, drafts to publish, and differences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, RadioField, SelectChoice, TextAreaField

from directory import transaction
from directory.accounts.policy import Action, may, require
from directory.errors import FieldError, Invalid
from directory.geocoding.place import Place
from directory.imports import commands
from directory.imports.differences import (
    count_open_differences,
    decide_difference,
    import_difference,
    waiting_differences,
)
from directory.imports.effect import Effect
from directory.imports.lifecycle import AT_WORK, MOVES, ImportState, Move
from directory.imports.placement import place_in_zip
from directory.imports.plan import PlannedRow
from directory.imports.publishing import MAX_AT_ONCE, publish_drafts
from directory.imports.queries import (
    RowProof,
    all_rows,
    count_drafts,
    count_outcomes,
    count_rows,
    draft_listings,
    import_rows,
    listing_import,
    prove_row,
)
from directory.imports.report import ImportReport
from directory.imports.tables import Decision, Import, ImportDifference, ImportRow, Outcome
from directory.listings.tables import Listing
from directory.web.console.blueprint import blueprint
from directory.web.console.import_forms import IMPORT_LABELS, KindCount, kind_counts
from directory.web.console.imports import IMPORT_ID
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, csv_response, table_href
from directory.web.support.form_errors import FormErrorHandler, Required
from directory.web.support.guards import ID_CONVERTER
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

OUTCOME_LABELS = {
    Outcome.REVERSED: "Reversed",
    Outcome.KEPT: "Kept, somebody changed it",
    Outcome.FAILED: "Could not be undone",
    Outcome.NOTHING: "Had written nothing",
}
CSV_HEADER = ("file", "line", "npi", "effect", "reason", "listing", "digest", "undo", "undo reason")


class UndoForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Why an import is undone."""

    reason = TextAreaField("Why", [Required()], description="It stays on the record.")


class DifferenceForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The decision on a difference."""

    decision = RadioField(
        "Which value holds?",
        choices=[
            SelectChoice(Decision.OURS.value, "Keep the listing's"),
            SelectChoice(Decision.THEIRS.value, "Take the file's"),
        ],
        validate_choice=False,
    )
    reason = TextAreaField("Reason", [Required()], description="It stays on the record.")


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`console/import_report.html`: progress while it runs, then the counts, the undo and the drafts."""

    found: Import
    label: str
    report: ImportReport
    kinds: tuple[KindCount, ...]
    reasons: tuple[tuple[str, int], ...]
    outcomes: tuple[tuple[str, int, str], ...]
    drafts: Sequence[Listing]
    draft_count: int
    paging: TablePage
    form: UndoForm
    is_at_work: bool
    can_undo: bool

    @property
    def percent(self) -> int:
        """How much of the file is read."""
        return min(100, round(100 * self.found.position / self.found.size)) if self.found.size else 100


@dataclass(frozen=True, slots=True)
class RowsPage:
    """`console/import_rows.html`: the stored rows of an import."""

    found: Import
    rows: Sequence[tuple[ImportRow, PlannedRow]]
    effects: tuple[TableLink, ...]
    outcomes: tuple[TableLink, ...]
    csv_href: str
    paging: TablePage
    total: int


@dataclass(frozen=True, slots=True)
class RowPage:
    """`console/import_row.html`: one row, and the proof that it is in the log as it is stored."""

    proof: RowProof
    planned: PlannedRow


@dataclass(frozen=True, slots=True)
class DifferencesPage:
    """`console/import_differences.html`: the differences that wait; `form` belongs to the one with `current_id`."""

    rows: Sequence[ImportDifference]
    total: int
    paging: TablePage
    form: DifferenceForm
    current_id: int | None


@blueprint.get(f"/imports/{IMPORT_ID}/report")
def import_report(import_id: int) -> ViewResponse:
    """Show how far an import is, or what came of it."""
    return render("console/import_report.html", _report_page(listing_import(session(), import_id), UndoForm()))


@blueprint.post(f"/imports/{IMPORT_ID}/undo")
def undo_import(import_id: int) -> ViewResponse:
    """Have an import undone in the background, or show the report with the reason why not."""
    found, form = listing_import(session(), import_id), UndoForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        commands.undo(writing, found, reason=form.reason.data or "", by=actor(), now=now())
        return redirect(url_for(".import_report", import_id=import_id), 303)
    return render("console/import_report.html", _report_page(found, form)), refused.status


@blueprint.post(f"/imports/{IMPORT_ID}/publish")
def publish_import_drafts(import_id: int) -> ViewResponse:
    """Publish the drafts that were chosen, all or none."""
    found, form = listing_import(session(), import_id), UndoForm()
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        count = publish_drafts(writing, found, _chosen_listings(), by=actor(), now=now())
        flash(f"{count} {'listing' if count == 1 else 'listings'} published.", "success")
        return redirect(url_for(".import_report", import_id=import_id), 303)
    return render("console/import_report.html", _report_page(found, form)), refused.status


@blueprint.get(f"/imports/{IMPORT_ID}/rows")
def imported_rows(import_id: int) -> ViewResponse:
    """Show the rows of an import, filtered by what became of them, as a page or as CSV."""
    found, effect, outcome = listing_import(session(), import_id), _effect(), _outcome()
    if request.args.get("format") == "csv":
        rows = _csv_rows(found.file, import_id, effect, outcome)
        return csv_response(f"import-{import_id}.csv", CSV_HEADER, rows)
    return render("console/import_rows.html", _rows_page(found, effect, outcome))


@blueprint.get(f"/import-rows/{ID_CONVERTER.format('row_id')}")
def imported_row(row_id: int) -> ViewResponse:
    """Show a row with its proof."""
    proof = prove_row(session(), row_id)
    return render("console/import_row.html", RowPage(proof, PlannedRow.from_json(proof.row.planned)))


@blueprint.get("/differences")
def differences() -> ViewResponse:
    """List the differences that wait for a decision."""
    return render("console/import_differences.html", _differences_page(DifferenceForm(), None))


@blueprint.post(f"/differences/{ID_CONVERTER.format('difference_id')}")
def decide_on_difference(difference_id: int) -> ViewResponse:
    """Keep the listing's value or take the file's, or show the list with errors."""
    found, form = import_difference(session(), difference_id), DifferenceForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        decide_difference(
            writing, found, _decision(form), reason=form.reason.data or "", place=_place, by=actor(), now=now()
        )
        flash(f"{found.listing.name}: decided.", "success")
        return redirect(url_for(".differences"), 303)
    return render("console/import_differences.html", _differences_page(form, difference_id)), refused.status


def _place(city: str, state: str, zip_code: str) -> Place | None:
    return place_in_zip(services().gazetteer, city, state, zip_code)


def _decision(form: DifferenceForm) -> Decision:
    if form.decision.data not in set(Decision):
        raise Invalid([FieldError("decision", "Choose which value holds.")])
    return Decision(form.decision.data)


def _chosen_listings() -> list[int]:
    typed = request.form.getlist("listing")
    require(actor(), Action.DECIDE)
    if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in typed):
        raise Invalid([FieldError("listing", "Choose listings of this page.")])
    return [int(each) for each in typed]


def _effect() -> Effect | None:
    wanted = request.args.get("effect", "")
    return Effect(wanted) if wanted in set(Effect) else None


def _outcome() -> Outcome | None:
    wanted = request.args.get("outcome", "")
    return Outcome(wanted) if wanted in set(Outcome) else None


def _report_page(found: Import, form: UndoForm) -> ReportPage:
    report = ImportReport.from_json(found.report)
    drafts = count_drafts(session(), found.id)
    paging = TablePage.requested(drafts)
    counted = count_outcomes(session(), found.id)
    rows_href = url_for(".imported_rows", import_id=found.id)
    return ReportPage(
        found=found,
        label=IMPORT_LABELS[found.state],
        report=report,
        kinds=kind_counts(report),
        reasons=tuple((f"{effect.value}: {reason}", count) for (effect, reason), count in report.reasons.most_common()),
        outcomes=tuple(
            (label, counted.get(outcome, 0), f"{rows_href}?outcome={outcome.value}")
            for outcome, label in OUTCOME_LABELS.items()
        ),
        drafts=draft_listings(session(), found.id, offset=paging.offset, limit=MAX_AT_ONCE),
        draft_count=drafts,
        paging=paging,
        form=form,
        is_at_work=found.state in AT_WORK,
        can_undo=may(actor(), Action.RUN_IMPORTS) and found.state in MOVES[Move.UNDO][0],
    )


def _rows_page(found: Import, effect: Effect | None, outcome: Outcome | None) -> RowsPage:
    total = count_rows(session(), found.id, effect=effect, outcome=outcome)
    paging = TablePage.requested(total)
    rows = import_rows(session(), found.id, effect=effect, outcome=outcome, offset=paging.offset, limit=PAGE_SIZE)
    effects = [TableLink("All", table_href(effect=None), None, effect is None)]
    effects += [_filter(each.value.capitalize(), "effect", each, effect) for each in Effect]
    outcomes = [TableLink("Any", table_href(outcome=None), None, outcome is None)]
    outcomes += [_filter(label, "outcome", each, outcome) for each, label in OUTCOME_LABELS.items()]
    return RowsPage(
        found,
        [(row, PlannedRow.from_json(row.planned)) for row in rows],
        tuple(effects),
        tuple(outcomes) if found.state in {ImportState.UNDOING, ImportState.UNDONE} else (),
        table_href(format="csv"),
        paging,
        total,
    )


def _filter(text: str, name: str, each: Effect | Outcome, chosen: Effect | Outcome | None) -> TableLink:
    return TableLink(text, table_href(**{name: each.value}), None, each is chosen)


def _csv_rows(
    file: str, import_id: int, effect: Effect | None, outcome: Outcome | None
) -> Iterator[tuple[object, ...]]:
    # Reads while it is sent, so it needs the session of that time.
    for row in all_rows(session(), import_id, effect=effect, outcome=outcome):
        planned = PlannedRow.from_json(row.planned)
        reason = f"{planned.reason}: {planned.details}" if planned.details else planned.reason
        undo = OUTCOME_LABELS[row.outcome] if row.outcome else ""
        yield (
            file, row.line, row.npi, row.effect.value, reason, row.listing_id, row.digest, undo,
            row.outcome_reason,
        )  # fmt: skip


def _differences_page(form: DifferenceForm, current_id: int | None) -> DifferencesPage:
    total = count_open_differences(session())
    paging = TablePage.requested(total)
    rows = waiting_differences(session(), offset=paging.offset, limit=PAGE_SIZE)
    return DifferencesPage(rows, total, paging, form, current_id)
