"""Console pages for imports until they run: the list, the upload, the columns and the dry run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may, require
from directory.errors import FieldError, Invalid
from directory.imports import commands
from directory.imports.differences import count_open_differences
from directory.imports.dry_run import examples_of
from directory.imports.effect import Effect
from directory.imports.file_layout import FileColumn, file_columns
from directory.imports.lifecycle import AT_WORK, ImportState
from directory.imports.plan import PlannedRow
from directory.imports.queries import count_imports, latest_imports, listing_import
from directory.imports.report import ImportReport
from directory.imports.table_rows import TABLE_FIELDS
from directory.imports.tables import Import
from directory.imports.upload import MAX_BYTES, MAX_MEGABYTES, store_upload
from directory.web.console.blueprint import blueprint
from directory.web.console.import_forms import (
    IMPORT_LABELS,
    KINDS,
    ColumnsForm,
    KindCount,
    RunForm,
    UploadForm,
    columns_form,
    kind_counts,
)
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, table_href
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import ID_CONVERTER
from directory.web.support.requests import account, actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

IMPORT_ID = ID_CONVERTER.format("import_id")

_FORM_BYTES = 100_000
"""The fields of the form beside the file."""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import in the list."""

    found: Import
    label: str
    href: str
    report: ImportReport


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """`console/imports.html`: all imports, the latest first, and the form for a file."""

    lines: Sequence[ImportLine]
    paging: TablePage
    form: UploadForm
    may_import: bool
    differences: int


@dataclass(frozen=True, slots=True)
class ColumnsPage:
    """`console/import_columns.html`: which column is which field. An NPPES file has no fields to settle."""

    found: Import
    form: ColumnsForm
    fields: tuple[str, ...]
    columns: tuple[FileColumn, ...]
    may_import: bool


@dataclass(frozen=True, slots=True)
class DryRunPage:
    """`console/import_dry_run.html`: what a run would do, with examples of the kind that was chosen."""

    found: Import
    label: str
    report: ImportReport
    kinds: tuple[KindCount, ...]
    tabs: tuple[TableLink, ...]
    examples: Sequence[tuple[str, PlannedRow]]
    chosen: str
    reasons: tuple[tuple[str, int], ...]
    form: RunForm
    can_run: bool
    is_at_work: bool

    @property
    def writes(self) -> int:
        """How many rows would write a listing."""
        return sum(self.report.effects[effect] for effect in (Effect.CREATED, Effect.CHANGED, Effect.SUSPENDED))


# A URL value preprocessor runs before the CSRF check, which reads the whole form.
@blueprint.url_value_preprocessor
def _allow_large_import(endpoint: str | None, _values: object) -> None:
    """Raise the request size limit for files that an admin uploads."""
    who = account() if endpoint == "console.upload_import" else None
    if who is not None and may(who.actor, Action.RUN_IMPORTS):
        request.max_content_length = MAX_BYTES + _FORM_BYTES
        if (request.content_length or 0) > MAX_BYTES + _FORM_BYTES:
            raise RequestEntityTooLarge(f"The file is larger than {MAX_MEGABYTES} MB.")


@blueprint.get("/imports")
def imports() -> ViewResponse:
    """List the imports."""
    return render("console/imports.html", _imports_page(UploadForm()))


@blueprint.post("/imports/upload")
def upload_import() -> ViewResponse:
    """Store a file, and go on with its columns, or show the list with errors."""
    require(actor(), Action.RUN_IMPORTS)
    form = UploadForm()
    with FormErrorHandler(form) as refused:
        path, name = _store(request.files.get("file"))
        return redirect(url_for(".import_columns", import_id=_register(path, name)), 303)
    return render("console/imports.html", _imports_page(form)), refused.status


@blueprint.get(f"/imports/{IMPORT_ID}")
def listing_import_page(import_id: int) -> Response:
    """Go to the page on which an import stands."""
    found = listing_import(session(), import_id)
    return redirect(_href(found), 303)


@blueprint.get(f"/imports/{IMPORT_ID}/columns")
def import_columns(import_id: int) -> ViewResponse:
    """Show which columns were recognized."""
    found = listing_import(session(), import_id)
    data = {**found.columns, "publish": found.publish, "every_specialty": found.every_specialty}
    return render("console/import_columns.html", _columns_page(found, columns_form(found)(data=data)))


@blueprint.post(f"/imports/{IMPORT_ID}/columns")
def settle_columns(import_id: int) -> ViewResponse:
    """Have the dry run made, or show the columns with errors."""
    found = listing_import(session(), import_id)
    form = columns_form(found)(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        columns = {field.name: form[field.name].data or "" for field in TABLE_FIELDS if field.name in form}
        commands.check(
            writing, found, columns, publish=form.publish.data, every_specialty=form.every_specialty.data, by=actor()
        )
        return redirect(url_for(".import_dry_run", import_id=import_id), 303)
    return render("console/import_columns.html", _columns_page(found, form)), refused.status


@blueprint.get(f"/imports/{IMPORT_ID}/dry-run")
def import_dry_run(import_id: int) -> ViewResponse:
    """Show what a run would do; nothing is written yet."""
    found = listing_import(session(), import_id)
    return render("console/import_dry_run.html", _dry_run_page(found, RunForm(data={"version": found.version})))


@blueprint.post(f"/imports/{IMPORT_ID}/dry-run")
def run_import(import_id: int) -> ViewResponse:
    """Have the import written in the background, or show the dry run with the reason why not."""
    found, form = listing_import(session(), import_id), RunForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        commands.run(writing, found, version=submitted_version(form.version), by=actor(), now=now())
        return redirect(url_for(".import_report", import_id=import_id), 303)
    form.version.data = str(found.version)
    return render("console/import_dry_run.html", _dry_run_page(found, form)), refused.status


@blueprint.post(f"/imports/{IMPORT_ID}/discard")
def discard_import(import_id: int) -> Response:
    """Discard an import that wrote nothing."""
    with transaction.atomic() as writing:
        found = listing_import(writing, import_id)
        commands.discard(writing, found, by=actor(), now=now())
        flash(f"Import {import_id}: discarded. Nothing was written.", "success")
    return redirect(url_for(".imports"), 303)


def _store(sent: FileStorage | None) -> tuple[Path, str]:
    # Browsers send a file without a name if none was chosen.
    if sent is None or not sent.filename:
        raise Invalid([FieldError("file", "Choose a CSV file.")])
    return store_upload(services().settings.home / "imports", sent.stream), Path(sent.filename).name


def _register(path: Path, name: str) -> int:
    try:
        with transaction.atomic() as writing:
            return commands.register_file(writing, path, name=name, by=actor(), now=now()).id
    except Exception:
        path.unlink()
        raise


def _imports_page(form: UploadForm) -> ImportsPage:
    paging = TablePage.requested(count_imports(session()))
    found = latest_imports(session(), offset=paging.offset, limit=PAGE_SIZE)
    lines = [
        ImportLine(each, IMPORT_LABELS[each.state], _href(each), ImportReport.from_json(each.report)) for each in found
    ]
    return ImportsPage(
        lines,
        paging,
        form,
        may(actor(), Action.RUN_IMPORTS),
        count_open_differences(session()),
    )


def _columns_page(found: Import, form: ColumnsForm) -> ColumnsPage:
    fields = tuple(field.name for field in TABLE_FIELDS if field.name in form)
    path = Path(found.path)
    columns = file_columns(path) if path.exists() else ()
    open_to_me = may(actor(), Action.RUN_IMPORTS) and found.state in {ImportState.UPLOADED, ImportState.CHECKED}
    return ColumnsPage(found, form, fields, columns, open_to_me)


def _dry_run_page(found: Import, form: RunForm) -> DryRunPage:
    stored = found.dry_run or {}
    report = ImportReport.from_json(stored.get("report", {}))
    kinds = kind_counts(report)
    wanted = request.args.get("kind", "")
    chosen = wanted if wanted in KINDS else next((kind.key for kind in kinds if kind.count), Effect.CREATED.value)
    return DryRunPage(
        found=found,
        label=IMPORT_LABELS[found.state],
        report=report,
        kinds=kinds,
        tabs=tuple(
            TableLink(kind.label, table_href(kind=kind.key), kind.count, kind.key == chosen)
            for kind in kinds
            if kind.count
        ),
        examples=examples_of(stored, chosen),
        chosen=KINDS[chosen][0],
        reasons=tuple((f"{effect.value}: {reason}", count) for (effect, reason), count in report.reasons.most_common()),
        form=form,
        can_run=may(actor(), Action.RUN_IMPORTS) and found.state is ImportState.CHECKED,
        is_at_work=found.state in AT_WORK,
    )


def _href(found: Import) -> str:
    """The page on which an import stands."""
    pages = {
        ImportState.UPLOADED: ".import_columns",
        ImportState.CHECKING: ".import_dry_run",
        ImportState.CHECKED: ".import_dry_run",
        ImportState.DISCARDED: ".import_dry_run",
    }
    return url_for(pages.get(found.state, ".import_report"), import_id=found.id)
