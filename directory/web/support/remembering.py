"""Answers of searches, given again as long as nothing can have changed in them: people go back to their list."""

import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import NamedTuple, cast

from flask import Flask, Response, current_app, g, request

from directory import transaction
from directory.search.lasting import lasts_until
from directory.web.support import compressing
from directory.web.support.filtering import BY_NAME
from directory.web.support.requests import now, session

MOST_BYTES = 8 * 1024 * 1024
"""What one worker keeps, compressed: some 700 pages; arbitrary, a tenth of what a worker takes."""

PARAMETERS = frozenset({"near", "within", "page", "after", *BY_NAME}) - {"q"}
"""An address with anything else, or with text that somebody typed about a person, is not kept."""

EXTENSION = "directory.remembering"


class Kept(NamedTuple):
    """An answer as it went over the wire."""

    body: bytes
    mimetype: str
    encoding: str | None


@dataclass(slots=True)
class Answers:
    """The last answers by what was asked, all of one state of the database and none older than `until`."""

    version: Hashable = None
    until: datetime | None = None
    size: int = 0
    kept: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable, *, version: Hashable, now: datetime) -> Kept | None:
        """The answer, where it is still what would be said now."""
        with self.lock:
            if version != self.version or self.until is None or now >= self.until:
                self.kept.clear()
                self.version, self.until, self.size = version, None, 0
            elif key in self.kept:
                self.kept.move_to_end(key)
            return self.kept.get(key)

    def keep(self, key: Hashable, answer: Kept, *, version: Hashable, until: datetime) -> None:
        """Keep the answer that was made of this state of the database, and let the oldest go."""
        with self.lock:
            if version == self.version and key not in self.kept:
                self.until, self.kept[key] = until, answer
                self.size += len(answer.body)
                while self.size > MOST_BYTES:
                    self.size -= len(self.kept.popitem(last=False)[1].body)


def attach(app: Flask) -> None:
    """Give `app` a memory of its own."""
    app.extensions[EXTENSION] = Answers()


def lasting(answer: Response) -> Response:
    """Allow `remembered` to keep the answer of this request, which names no precise place."""
    g.lasting = True
    return answer


def remembered(view: Callable[[], Response]) -> Callable[[], Response]:
    """A view whose answer depends on its address, the database and the time alone, and is kept where it says so.

    Whatever is committed to the database by whomever, and whatever ends by itself, ends all that was kept.
    """

    @functools.wraps(view)
    def answered() -> Response:
        if not PARAMETERS.issuperset(request.args):
            return view()
        key = (request.path, request.query_string, compressing.chosen())
        # Before anything else is read: what is committed meanwhile may be in the answer, and is in the next version.
        version, answers = transaction.version(), cast(Answers, current_app.extensions[EXTENSION])
        found = answers.find(key, version=version, now=now())
        if found is not None:
            return _given_again(found)
        answer = view()
        if "lasting" in g:
            answer = compressing.compressed(answer)
            kept = Kept(answer.get_data(), cast(str, answer.mimetype), answer.content_encoding)
            answers.keep(key, kept, version=version, until=answers.until or lasts_until(session(), now()))
        return answer

    return answered


def _given_again(kept: Kept) -> Response:
    answer = Response(kept.body, mimetype=kept.mimetype)
    if kept.encoding:
        answer.content_encoding = kept.encoding
    return answer
