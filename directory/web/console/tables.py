"""What all tables of the console share: pages of 25 rows, filters as links in the URL, and export as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from flask import Response, request, stream_with_context, url_for

PAGE_SIZE = 25
"""Rows of a page; a page of 25 is what a reviewer looks through at a time."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Characters that make a spreadsheet read a cell as a formula."""


@dataclass(frozen=True, slots=True)
class TableLink:
    """A link to the same table with another filter or page; `count` is the number of rows that it shows, if known."""

    text: str
    href: str
    count: int | None = None
    current: bool = False
    fields: None = None
    """A link posts nothing; the macro `step` asks."""


@dataclass(frozen=True, slots=True)
class TablePage:
    """Which rows of a table a request asks for; a page number outside the table is moved inside."""

    number: int
    last: int

    @classmethod
    def requested(cls, total: int) -> "TablePage":
        """Return the page that the parameter `page` of the request asks for, of a table with `total` rows."""
        last = max(1, -(-total // PAGE_SIZE))
        return cls(min(max(request.args.get("page", 1, type=int), 1), last), last)

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.number - 1) * PAGE_SIZE

    @property
    def page(self) -> str:
        """The position in words, for the macro `pager`: “2 of 9”."""
        return f"{self.number:,} of {self.last:,}"

    @property
    def nearer(self) -> TableLink | None:
        """The link to the page before, if there is one."""
        return TableLink("Page before", table_href(page=self.number - 1)) if self.number > 1 else None

    @property
    def farther(self) -> TableLink | None:
        """The link to the page after, if there is one."""
        return TableLink("Next page", table_href(page=self.number + 1)) if self.number < self.last else None


def table_href(**changed: object) -> str:
    """Return the URL of the current table with some parameters changed; None and "" remove one, page 1 is left out."""
    kept: dict[str, Any] = {**request.args.to_dict(), "page": None, **changed}
    wanted = {name: value for name, value in kept.items() if value not in {None, ""} and (name, value) != ("page", 1)}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **wanted})


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a download of rows as CSV in UTF-8, sent while it is read.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP recommends.
    """
    response = Response(stream_with_context(_csv_lines(header, rows)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    for row in chain([header], rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([_plain(value) for value in row])
        yield line.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value
