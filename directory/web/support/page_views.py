"""Counts the visits to the public pages of a listing, without storing anything about the visitor."""

import re
import weakref
from collections.abc import Mapping
from multiprocessing.util import Finalize
from typing import cast

from flask import Flask, Request, current_app, request

from directory import transaction
from directory.page_views.commands import ViewKey, add_views
from directory.page_views.counter import ViewCounter
from directory.page_views.tables import CountedPage
from directory.web.support.requests import now

EXTENSION = "page_views"

_ROBOT = re.compile(r"bot\b|crawl|spider|slurp|preview|https?:", re.IGNORECASE)
"""What the well-known search engines and link previews call themselves; many give the address of a page about them."""


def init_app(app: Flask) -> None:
    """Count the views of `app`."""

    def write(counts: Mapping[ViewKey, int]) -> None:
        with app.app_context(), transaction.independent() as connection:
            add_views(connection, counts)

    counter = ViewCounter(write)
    app.extensions[EXTENSION] = counter
    # Unlike atexit, this also runs at the end of a worker process that multiprocessing has forked, as granian's are.
    Finalize(None, _close, args=(weakref.ref(counter),), exitpriority=0)


def _close(counter: weakref.ref[ViewCounter]) -> None:
    if (alive := counter()) is not None:
        alive.close()


def view_counter(app: Flask) -> ViewCounter:
    """Return the counter of an application."""
    return cast(ViewCounter, app.extensions[EXTENSION])


def count_view(listing_id: int, page: CountedPage) -> None:
    """Count this request as one view of a listing's page, unless it is not somebody who opens the page."""
    if is_visit(request):
        view_counter(current_app).count(listing_id, page, now=now())


def is_visit(asked: Request) -> bool:
    """Return whether a browser opens the page for somebody.

    Every browser calls itself Mozilla, for historical reasons; most other programs do not. HEAD reads only the headers,
    and a page that a browser fetches in advance is perhaps never shown.
    """
    agent = asked.user_agent.string
    purpose = " ".join(asked.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return (
        asked.method == "GET"
        and agent.startswith("Mozilla/")
        and not _ROBOT.search(agent)
        and "prefetch" not in purpose.lower()
    )
