"""The pages of the console's tables: search, filters as links with counts, pages, and an export that is logged."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, StringField

from directory import transaction
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.review import record_table
from directory.review.record_table import Choice, RecordTable, TableFilter
from directory.web.console.blueprint import blueprint
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, csv_response, table_href
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.requests import actor, now, session
from directory.web.support.templating import render

MAX_LISTED = 12
"""A filter with more choices than this is a list to choose from, not links."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; `note` is a second line, and `mark` the name of a colored mark before the text."""

    text: str
    href: str = ""
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """The records that a search found, as a table; `is_cut` if there are more than were read."""

    table: RecordTable
    is_cut: bool = False


@dataclass(frozen=True)
class ConsoleTable:
    """What is different between the tables of the console.

    Attributes:
        name: the part of the URL, and the name in the log of exports.
        title: the heading.
        noun: the word for one record and for several.
        search_label: the label of the search.
        headers: the headings of the columns.
        find: returns the records that a typed text finds, or all of them.
        cells: returns the cells of each record of a page.
        exported: the columns of the export with the value of each; it gets what `prepare` returns for the record.
        prepare: loads what the export needs of a batch, by record id.
        shortcut: returns the URL of the one page that a typed text names, if it does.
        note: returns a sentence below the heading.
    """

    name: str
    title: str
    noun: tuple[str, str]
    search_label: str
    headers: tuple[str, ...]
    find: Callable[[str], FoundRecords]
    cells: Callable[[Sequence[Any]], Iterable[tuple[Cell, ...]]]
    exported: Mapping[str, Callable[[Any, Any], object]]
    prepare: Callable[[Sequence[Any]], Mapping[int, Any]] = lambda _records: {}
    shortcut: Callable[[str], str | None] = lambda _text: None
    note: Callable[[], str] = lambda: ""


class TableSearchForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The search of a table; its filters and its page are links."""

    q = StringField("Search")

    @property
    def text(self) -> str:
        """The typed text, without blanks around it."""
        return " ".join((self.q.data or "").replace("\0", "").split())


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter: links to its choices, or with `is_list` a list of them in the search form."""

    name: str
    label: str
    links: tuple[TableLink, ...]
    values: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """`console/table.html`: a page of any table of the console."""

    declared: ConsoleTable
    form: TableSearchForm
    total: str
    facets: tuple[Facet, ...] = ()
    orders: tuple[TableLink, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    paging: TablePage | None = None
    kept: Mapping[str, str] | None = None
    export_href: str = ""

    def number(self, count: int) -> str:
        """Return a count as text: no more than `MAX_COUNTED` are counted."""
        most = record_table.MAX_COUNTED
        return f"{most:,}+" if count > most else f"{count:,}"


def show_table(declared: ConsoleTable) -> str | tuple[str, int] | Response:
    """Return the page of a table, the redirect to the one page that was typed, or the page with errors."""
    form = TableSearchForm(request.args)
    if form.text and (href := declared.shortcut(form.text)):
        return redirect(href)
    with FormErrorHandler(form) as refused:
        return render("console/table.html", _page(declared, form))
    return render("console/table.html", RecordsPage(declared, form, "")), refused.status


def export_table(declared: ConsoleTable) -> Response:
    """Return all records of a filtered table as CSV, and log what was exported and how many rows.

    Raises:
        Invalid: the search has too many words.
    """
    form = TableSearchForm(request.args)
    found = declared.find(form.text)
    chosen = found.table.chosen(request.args)
    with transaction.atomic() as writing:
        total = found.table.total(writing, chosen)
        filters = {"q": form.text, **{name: choice.value for name, choice in chosen.items()}}
        what = digest({"table": declared.name, "rows": total, "filters": filters})
        target = f"table:{declared.name}-{total}"
        record(writing, action="table.export", target=target, before=None, after=what, by=actor().id, now=now())
    return csv_response(f"{declared.name}.csv", tuple(declared.exported), _exported_rows(declared, found.table, chosen))


def add_table(declared: ConsoleTable) -> ConsoleTable:
    """Add the URLs of a table to the console: its page and its export."""
    blueprint.add_url_rule(f"/{declared.name}", declared.name, lambda: show_table(declared), methods=["GET"])
    blueprint.add_url_rule(
        f"/{declared.name}/export", f"export_{declared.name}", lambda: export_table(declared), methods=["POST"]
    )
    return declared


def _exported_rows(
    declared: ConsoleTable, table: RecordTable, chosen: Mapping[str, Choice]
) -> Iterator[Sequence[object]]:
    """Yield the rows while they are sent: the session is this generator's, because that of the request has ended."""
    try:
        for batch in table.batches(session(), chosen):
            more = declared.prepare(batch)
            for each in batch:
                yield [value(each, more.get(each.id)) for value in declared.exported.values()]
    finally:
        session().close()


def _page(declared: ConsoleTable, form: TableSearchForm) -> RecordsPage:
    found = declared.find(form.text)
    table, chosen = found.table, found.table.chosen(request.args)
    order, counts = table.order(request.args.get("sort", "")), table.counts(session(), chosen)
    total = table.count(session(), chosen)
    paging = TablePage.requested(min(total, record_table.MAX_COUNTED))
    records = table.page(session(), chosen, order, limit=PAGE_SIZE, offset=paging.offset)
    facets = tuple(_facet(each, chosen.get(each.name), counts.get(each.name, {})) for each in table.filters)
    lists = {each.name for each in facets if each.is_list}
    kept = {name: choice.value for name, choice in chosen.items() if name not in lists}
    sort = next(name for name, each in table.orders.items() if each is order)
    return RecordsPage(
        declared,
        form,
        total=_total_words(declared, total, is_cut=found.is_cut),
        facets=facets,
        orders=tuple(
            TableLink(each.label, table_href(sort=name), current=each is order) for name, each in table.orders.items()
        ),
        rows=tuple(declared.cells(records)),
        paging=paging,
        kept=kept | ({"sort": sort} if "sort" in request.args else {}),
        export_href=url_for(f".export_{declared.name}", **_known_args(kept | _listed(chosen, lists), form)),
    )


def _total_words(declared: ConsoleTable, total: int, *, is_cut: bool) -> str:
    counted = min(total, record_table.MAX_COUNTED)
    more = "more than " if is_cut or total > counted else ""
    return f"{more}{counted:,} {declared.noun[total != 1]}"


def _listed(chosen: Mapping[str, Choice], lists: set[str]) -> dict[str, str]:
    return {name: choice.value for name, choice in chosen.items() if name in lists}


def _known_args(chosen: Mapping[str, str], form: TableSearchForm) -> dict[str, Any]:
    return {**chosen, **({"q": form.text} if form.text else {})}


def _facet(declared: TableFilter, chosen: Choice | None, counts: Mapping[str, int]) -> Facet:
    any_of = TableLink("Any", table_href(**{declared.name: None}), current=chosen is None)
    links = [
        TableLink(each.label, table_href(**{declared.name: each.value}), counts.get(each.value), each is chosen)
        for each in declared.choices
    ]
    values = ("", *(each.value for each in declared.choices))
    return Facet(declared.name, declared.label, (any_of, *links), values, len(links) > MAX_LISTED)
