"""What the pages of an import share: the labels of its states, the kinds of its rows, and its forms."""

from dataclasses import dataclass
from pathlib import Path

from wtforms import BooleanField, FileField, Form, HiddenField, SelectChoice, SelectField

from directory.imports.dry_run import HELD
from directory.imports.effect import Effect
from directory.imports.file_layout import file_columns
from directory.imports.lifecycle import ImportState
from directory.imports.report import ImportReport
from directory.imports.table_rows import TABLE_FIELDS
from directory.imports.tables import FileKind, Import
from directory.imports.upload import MAX_MEGABYTES
from directory.web.support.form_errors import Required

IMPORT_LABELS = {
    ImportState.UPLOADED: "Columns to settle",
    ImportState.CHECKING: "Dry run is being made",
    ImportState.CHECKED: "Dry run to look at",
    ImportState.RUNNING: "Running",
    ImportState.DONE: "Done",
    ImportState.UNDOING: "Being undone",
    ImportState.UNDONE: "Undone",
    ImportState.DISCARDED: "Discarded",
    ImportState.FAILED: "Stopped by an error",
}

KINDS = {
    Effect.CREATED.value: ("New", "right"),
    Effect.CHANGED.value: ("Changed", "right"),
    HELD: ("Held for review", "between"),
    Effect.SUSPENDED.value: ("NPI ended", "between"),
    Effect.UNCHANGED.value: ("As before", ""),
    Effect.SKIPPED.value: ("Skipped", ""),
    Effect.REJECTED.value: ("Refused", "wrong"),
}
"""The label and the color of each kind of rows."""


class UploadForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A file to import."""

    file = FileField(
        "File",
        [Required()],
        description=f"CSV: NPPES, Medicare, or any list with an NPI column. At most {MAX_MEGABYTES} MB.",
    )


class ColumnsForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The options of an import; `columns_form` adds a field for each column."""

    publish = BooleanField("Publish at once, as “not stated”, instead of keeping drafts")
    every_specialty = BooleanField("Take every specialty, not only those that take marrow")


class RunForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The press that runs an import, with the version that was looked at."""

    version = HiddenField()


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many rows are of a kind."""

    key: str
    label: str
    color: str
    count: int


def columns_form(found: Import) -> type[ColumnsForm]:
    """Create the form for the columns of a table; an NPPES file has none to settle."""
    if found.kind is FileKind.NPPES or not Path(found.path).exists():
        return ColumnsForm
    headers = [column.header for column in file_columns(Path(found.path))]
    choices = [SelectChoice("", "None"), *(SelectChoice(header, header) for header in headers)]
    fields = {
        field.name: SelectField(field.label, choices=choices, validate_choice=False, default="")
        for field in TABLE_FIELDS
    }
    return type("TableColumnsForm", (ColumnsForm,), fields)


def kind_counts(report: ImportReport) -> tuple[KindCount, ...]:
    """Count the rows of each kind; every row is counted in one of them, and held ones are skipped rows."""
    counts = {effect.value: report.total(effect) for effect in Effect} | {HELD: report.held}
    return tuple(KindCount(key, label, color, counts[key]) for key, (label, color) in KINDS.items())
