"""Console pages for the log: every change, and every access of staff to personal data, for admins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, url_for

from directory.accounts.policy import Action, require
from directory.accounts.queries import account_names
from directory.audit.search import SEARCHES, LogRow, all_rows
from directory.errors import FieldError, Invalid
from directory.web.console.blueprint import blueprint
from directory.web.console.log_form import LogForm, act_label, position_text
from directory.web.console.tables import PAGE_SIZE, TableLink, csv_response, table_href
from directory.web.support.requests import actor, session
from directory.web.support.templating import render

LOGS = {"changes": "Changes", "access": "Access"}
"""The names of the logs on the page."""

HEADER = ("When (UTC)", "Account", "Name", "What", "About", "Details", "From")

SUBJECT_PAGES = {
    "listing": lambda number: url_for("console.listing", listing_id=number),
    "mail": lambda number: url_for("console.email", email_id=number),
    "dispute": lambda number: url_for("console.dispute", dispute_id=number),
}
"""The page of each kind of subject that has one by its number, which both logs use."""


@dataclass(frozen=True, slots=True)
class LogEntryView:
    """One entry of a log in words. `href` leads to what it is about, or else to all entries about it."""

    row: LogRow
    who: str

    @property
    def what(self) -> str:
        """The kind of act in words."""
        return act_label(self.row.act)

    @property
    def href(self) -> str:
        """The page of the subject."""
        kind, _, number = self.row.subject.partition(":")
        if kind in SUBJECT_PAGES and number.isdecimal():
            return SUBJECT_PAGES[kind](number)
        return table_href(about=self.row.subject, after=None)


@dataclass(frozen=True, slots=True)
class LogPage:
    """`console/log.html`: 25 entries of one log, the newest first."""

    form: LogForm
    logs: tuple[TableLink, ...]
    rows: tuple[LogEntryView, ...]
    newest: TableLink | None
    older: TableLink | None
    export_href: str


@blueprint.get("/log")
def log() -> tuple[str, int]:
    """Search the log, the newest entries first."""
    require(actor(), Action.SEE_LOG)
    form = LogForm(session())
    valid = form.validate()
    found = SEARCHES[form.log](session(), form.wanted(), after=form.after, limit=PAGE_SIZE + 1) if valid else ()
    rows, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    page = LogPage(
        form=form,
        logs=tuple(TableLink(LOGS[name], url_for(".log", log=name), None, name == form.log) for name in SEARCHES),
        rows=tuple(_views(rows)),
        newest=TableLink("Newest", table_href(after=None)) if form.after else None,
        older=TableLink("Older", table_href(after=position_text(rows[-1].position))) if more else None,
        export_href=url_for(".log_export", **form.parameters()),
    )
    return render("console/log.html", page), 200 if valid else 422


@blueprint.get("/log.csv")
def log_export() -> Response:
    """Download all entries of one log that the filter lets through; the access log records it."""
    require(actor(), Action.SEE_LOG)
    form = LogForm(session())
    if not form.validate():
        raise Invalid([FieldError(name, text) for name, errors in form.errors.items() for text in errors])
    return csv_response(f"{form.log}.csv", HEADER, _export_lines(form))


def _views(rows: Sequence[LogRow]) -> Iterator[LogEntryView]:
    names = account_names(session(), {row.account_id for row in rows if row.account_id is not None})
    for row in rows:
        deleted = "The program" if row.account_id is None else f"Account {row.account_id}"
        yield LogEntryView(row, names.get(row.account_id or 0, "") or deleted)


def _export_lines(form: LogForm) -> Iterator[Sequence[object]]:
    names: dict[int, str] = {}
    for row in all_rows(session(), form.log, form.wanted()):
        account_id = row.account_id
        if account_id is not None and account_id not in names:
            names[account_id] = account_names(session(), [account_id]).get(account_id, "")
        name = names[account_id] if account_id is not None else ""
        when = row.position.at.strftime("%Y-%m-%d %H:%M:%S")
        yield when, account_id, name, row.act, row.subject, row.details, row.address
