"""Tasks on the provider's home page: what reviewers ask about the listings, and the second factor of the account."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask import url_for

from directory.accounts.policy import Action
from directory.certification.wording import format_day
from directory.disputes.lifecycle import DisputeState
from directory.disputes.tables import Dispute
from directory.listings.tables import Listing
from directory.messages.queries import WaitingOn, open_messages
from directory.web.portal.view_models import is_allowed
from directory.web.support.requests import account, session


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: `icon` and `title`, the listing it is `about`, and a button.

    With `fields` the button posts them to `href`; without, it is a link. `also` is a second link, as text and URL.
    """

    icon: str
    title: str
    note: str
    text: str
    href: str
    about: str = ""
    fields: Mapping[str, str] | None = None
    is_urgent: bool = False
    also: tuple[str, str] | None = None


def report_tasks(reports: Iterable[Dispute]) -> Iterator[Task]:
    """Yield a task for each report that waits for the provider's answer."""
    for report in reports:
        if report.state is DisputeState.OPEN and report.answer_by:
            yield Task(
                "warning",
                "Answer a report",
                f"A patient reported a problem. Please answer until {format_day(report.answer_by)}.",
                "Read the report",
                url_for("portal.dispute", dispute_id=report.id),
                report.listing.name,
                is_urgent=True,
            )


def message_tasks(listings: Iterable[Listing]) -> Iterator[Task]:
    """Yield a task for each listing with messages that wait for an answer; one statement for all of them."""
    mine = {row.id: row for row in listings if is_allowed(Action.ANSWER_MESSAGE, row)}
    for listing_id, waiting in open_messages(session(), mine).items():
        if waiting.waiting_on is WaitingOn.PROVIDER:
            yield Task(
                "warning",
                "Answer a message" if waiting.count == 1 else f"Answer {waiting.count} messages",
                f"A reviewer wrote to you on {format_day(waiting.since)}.",
                "Read and answer",
                url_for("portal.messages", listing_id=listing_id),
                mine[listing_id].name,
                is_urgent=True,
            )


def second_factor_tasks() -> Iterator[Task]:
    """Yield a task if the account has no second factor."""
    who = account()
    if who is not None and not who.has_second_factor:
        yield Task(
            "unanswered",
            "Add a second way to sign in",
            "An app on your phone or a passkey takes a minute, and protects your listings.",
            "Set it up",
            url_for("signin.second_factor"),
        )
