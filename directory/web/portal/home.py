"""The provider's home page: what to do next, and each listing in five rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from flask import url_for

from directory.accounts.policy import Action, Right
from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import attestations_of
from directory.attestations.replies import return_decision
from directory.attestations.tables import Attestation
from directory.badges.listing_standing import CurrentStanding, current_standing
from directory.certification.wording import Standing, days_until, format_day
from directory.claims.queries import managers_of_listings, open_claims_of
from directory.claims.tables import Claim
from directory.disputes.queries import disputes_of_provider
from directory.listings import queries
from directory.listings.confirmation_reminders import CONFIRM_EVERY
from directory.listings.lifecycle import ListingState
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.revision_store import unfinished_revisions
from directory.listings.tables import Listing
from directory.page_views.queries import MonthlyViews, views_this_month
from directory.web.portal.next_steps import NextSteps, next_steps
from directory.web.portal.tasks import Task, message_tasks, report_tasks, second_factor_tasks
from directory.web.portal.unfinished_listing import UnfinishedCard, unfinished_cards
from directory.web.portal.view_models import is_allowed
from directory.web.support.requests import actor, now, services, session

RENEW_WITHIN = timedelta(days=60)
"""How long before the end of the answers a renewal is a task; the first reminder is sent then."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who manages a listing."""

    name: str
    is_me: bool

    @property
    def initials(self) -> str:
        """The first letters of the first and the last word of the name."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@dataclass(frozen=True, slots=True)
class ListingCard:
    """A listing in five rows: its state and waiting changes, its answers, its badge, its managers and its visits.

    `reason` and `comments` are a reviewer's, of answers that came back. `days_left` and `percent_left` say how long the
    accepted answers count; None and 0 without such answers.
    """

    listing: Listing
    next: NextSteps
    latest: Attestation | None
    reason: str
    comments: tuple[tuple[str, str], ...]
    standing: CurrentStanding
    revisions: frozenset[RevisionState]
    people: tuple[Person, ...]
    views: MonthlyViews
    may_edit: bool
    may_invite: bool
    days_left: int | None = None
    percent_left: int = 0
    has_task: bool = False


@dataclass(frozen=True, slots=True)
class HomePage:
    """`portal/home.html`: the tasks, the provider's listings, those not complete yet, and open claims to others."""

    tasks: tuple[Task, ...] = ()
    cards: tuple[ListingCard, ...] = ()
    claims: tuple[Claim, ...] = ()
    count_reports: int = 0
    unfinished: tuple[UnfinishedCard, ...] = ()


def home_page() -> HomePage:
    """Return the page of the signed-in provider; the number of queries does not depend on the number of listings."""
    mine = queries.listings_of(session(), actor().id)
    cards = _cards(mine)
    reports = disputes_of_provider(session(), actor().id)
    tasks = [task for card in cards for task in _listing_tasks(card)]
    tasks += [*report_tasks(reports), *message_tasks(mine)]
    tasks.sort(key=lambda task: not task.is_urgent)
    tasks += second_factor_tasks()
    claims = tuple(open_claims_of(session(), actor().id))
    return HomePage(tuple(tasks), cards, claims, len(reports), unfinished_cards())


def _cards(listings: Sequence[Listing]) -> tuple[ListingCard, ...]:
    ids = [listing.id for listing in listings]
    attestations: dict[int, list[Attestation]] = {listing_id: [] for listing_id in ids}
    for row in attestations_of(session(), ids):
        attestations[row.listing_id].append(row)
    people = managers_of_listings(session(), ids)
    revisions = unfinished_revisions(session(), ids)
    views = views_this_month(session(), ids, now=now())
    return tuple(
        _card(
            listing,
            attestations[listing.id],
            tuple(Person(who.name or who.email, who.id == actor().id) for _, who in people[listing.id]),
            revisions[listing.id],
            views[listing.id],
        )
        for listing in listings
    )


def _card(
    listing: Listing,
    attestations: Sequence[Attestation],
    people: tuple[Person, ...],
    revisions: frozenset[RevisionState],
    views: MonthlyViews,
) -> ListingCard:
    rulesets = services().rulesets
    latest = attestations[0] if attestations else None
    displayed = next((one for one in attestations if one.state is AttestationState.ACCEPTED), None) or next(
        (one for one in attestations if one.state is AttestationState.REVOKED), None
    )
    reason, comments = _returned(latest)
    standing = current_standing(displayed, rulesets, now())
    days_left, percent_left = _time_left(standing)
    steps = next_steps(listing, attestations, rulesets=rulesets, now=now())
    return ListingCard(
        listing=listing,
        next=steps,
        latest=latest,
        reason=reason,
        comments=comments,
        standing=standing,
        revisions=revisions,
        people=people,
        views=views,
        may_edit=is_allowed(Action.EDIT_LISTING, listing),
        may_invite=listing.right_of(actor().id) is Right.OWNER,
        days_left=days_left,
        percent_left=percent_left,
        has_task=steps.can_answer and (steps.answering_is_next or _ends_soon(days_left)),
    )


def _time_left(standing: CurrentStanding) -> tuple[int | None, int]:
    technique = standing.technique
    if technique is None or standing.standing is Standing.EXPIRED:
        return None, 0
    left, whole = technique.valid_until - now(), technique.valid_until - technique.signed_at
    return days_until(technique.valid_until, now()), round(100 * left / whole)


def _ends_soon(days_left: int | None) -> bool:
    return days_left is not None and days_left < RENEW_WITHIN.days


def _returned(latest: Attestation | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return why the answers came back, and the comments on answers, each with the short name of its question."""
    returned = return_decision(session(), latest)
    if latest is None or not returned.comments:
        return returned.reason, ()
    asked = services().rulesets.load(latest.ruleset_id).criteria
    return returned.reason, tuple(
        (one.short, returned.comments[one.key]) for one in asked if one.key in returned.comments
    )


def _listing_tasks(card: ListingCard) -> Iterator[Task]:
    """Yield the tasks of one listing, the most urgent first.

    A listing whose answers have to be changed or renewed has no second task to confirm its data.
    """
    listing = card.listing
    if card.next.can_edit and card.may_edit:
        yield Task(
            "warning",
            "Send your listing for publication",
            "Nobody sees it before a reviewer has published it.",
            "Look through it",
            url_for("portal.listing", listing_id=listing.id),
            listing.name,
            is_urgent=True,
        )
    if RevisionState.DRAFT in card.revisions:
        yield Task(
            "between",
            "Send your change",
            "Patients still see the old text. A reviewer looks at the new one once you send it.",
            "See the change",
            url_for("portal.listing", listing_id=listing.id),
            listing.name,
        )
    if card.has_task:
        yield _answering_task(card)
    is_asked = card.latest is not None and card.has_task
    if listing.state is ListingState.PUBLISHED and card.may_edit and not is_asked and _is_unconfirmed(listing):
        yield _confirmation_task(listing)


def _answering_task(card: ListingCard) -> Task:
    listing, steps = card.listing, card.next
    title, note, icon = steps.answer_text, steps.technique_sentence, "unanswered"
    if card.latest is not None and card.latest.state is AttestationState.RETURNED:
        count = len(card.comments)
        title = f"Answer {count} {'comments' if count > 1 else 'comment'} on your technique"
        title = title if count else "Change your answers"
        note, icon = card.reason or note, "warning"
    elif card.standing.standing is Standing.EXPIRED and steps.is_renewal:
        title, icon = "Your answers ran out", "warning"
    elif _ends_soon(card.days_left) and not steps.answering_is_next and card.standing.technique:
        title, icon = "Renew your answers", "between"
        until = card.standing.technique.valid_until
        note = f"They count until {format_day(until)}: {card.days_left} days left. It takes about a minute."
    href = url_for("portal.renew" if steps.is_renewal else "portal.technique", listing_id=listing.id)
    return Task(
        icon,
        title,
        note,
        steps.answer_text,
        href,
        listing.name,
        fields={} if steps.is_renewal else None,
        is_urgent=icon == "warning",
    )


def _is_unconfirmed(listing: Listing) -> bool:
    confirmed = listing.last_confirmed
    return confirmed is None or confirmed <= (now().astimezone(UTC) - CONFIRM_EVERY).date()


def _confirmation_task(listing: Listing) -> Task:
    if listing.last_confirmed:
        confirmed = listing.last_confirmed
        since = f"Last confirmed {confirmed:%b} {confirmed.day}, {confirmed.year}."
    else:
        since = "You have not confirmed it yet."
    return Task(
        "near",
        "Is everything still right?",
        f"{since} One click, and patients see today’s date.",
        "Yes, all right",
        url_for("portal.confirm", listing_id=listing.id),
        listing.name,
        fields={"version": str(listing.version)},
        also=("Look first", url_for("portal.listing", listing_id=listing.id)),
    )
