"""The links at the top of every console page."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from directory.disputes.queries import count_waiting
from directory.web.console.blueprint import blueprint
from directory.web.support.requests import actor, session


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link, with the number of things that wait there; 0 is not shown."""

    text: str
    href: str
    count: int = 0


@blueprint.app_template_global()
def console_links() -> tuple[NavigationLink, ...]:
    """The links for the reviewer who is signed in; some pages are for admins only."""
    return (*_reviewer_links(), *(_admin_links() if actor().administers else ()))


def _reviewer_links() -> Iterator[NavigationLink]:
    yield NavigationLink("Queue", url_for("console.queue"))
    yield NavigationLink("Listings", url_for("console.listings"))
    yield NavigationLink("Attestations", url_for("console.attestations"))
    yield NavigationLink("Reports", url_for("console.disputes"), count_waiting(session()))
    yield NavigationLink("Duplicates", url_for("console.duplicates"))
    yield NavigationLink("Imports", url_for("console.imports"))
    yield NavigationLink("Audits", url_for("console.draws"))
    yield NavigationLink("Numbers", url_for("console.numbers"))


def _admin_links() -> Iterator[NavigationLink]:
    yield NavigationLink("Outbox", url_for("console.outbox"))
    yield NavigationLink("Log", url_for("console.log"))
    yield NavigationLink("People", url_for("console.people"))
    yield NavigationLink("Settings", url_for("console.settings"))
