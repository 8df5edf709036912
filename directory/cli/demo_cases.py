"""Adds single cases to the demo, so that each queue and each page of the workplaces has something to show."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.attestations.queries import displayed_attestations
from directory.certification.ruleset import Rulesets
from directory.disputes.commands import create_dispute
from directory.disputes.report import Report
from directory.listings import managers, revisions
from directory.listings.tables import Listing
from directory.page_views.commands import ViewKey, add_views
from directory.page_views.queries import monthly_views
from directory.page_views.tables import CountedPage
from directory.review.random_audit import run_draw
from directory.review.sample import Quarter

UNMANAGED = range(4, 8)
"""The numbers of the listings that nobody manages, so that they can be claimed; near the ZIP code 80021."""

VISITS = ((212, 31), (190, 24), (243, 37), (160, 18), (155, 22), (98, 9))
"""How often the first listing and its signed answers were opened, this month first; made up."""

DRAW_SEED = "the demonstration"


def add_cases(
    session: Session, listings: Sequence[Listing], *, owner: Account, rulesets: Rulesets, now: datetime
) -> None:
    """Add a change that waits for a reviewer, a report, visits, listings to claim, and the draw of the last quarter.

    Args:
        session: its transaction contains the demo.
        listings: all listings of the demo in order; the first belongs to `owner`.
        owner: the account of the demo's provider.
        rulesets: the published rules.
        now: the current time.
    """
    _propose_change(session, listings[0], owner, now=now - timedelta(days=2))
    _report(session, listings[0], rulesets, now=now - timedelta(days=1))
    _add_visits(session, listings[0], now=now)
    for number in UNMANAGED:
        for account_id in managers.owner_ids(listings[number]):
            managers.end_right(session, listings[number], account_id, by=None, now=now)
    run_draw(session, Quarter.of(now), seed=DRAW_SEED, rulesets=rulesets, now=now)


def _propose_change(session: Session, listing: Listing, owner: Account, *, now: datetime) -> None:
    draft = revisions.save_draft(
        session,
        listing,
        {"practice": f"{listing.practice or listing.name} and Partners"},
        token=revisions.edit_token(session, listing),
        by=owner.actor,
        now=now,
    )
    if draft is not None:
        revisions.submit(session, draft, by=owner.actor, now=now)


def _report(session: Session, listing: Listing, rulesets: Rulesets, *, now: datetime) -> None:
    attestation = displayed_attestations(session, [listing.id])[listing.id]
    said = Report("imaging_guidance", "They used no imaging when I was there. The doctor felt for the bone by hand.")
    ruleset = rulesets.load(attestation.ruleset_id)
    create_dispute(session, listing, attestation, ruleset, said, number=uuid.UUID(int=1).hex, now=now)


def _add_visits(session: Session, listing: Listing, *, now: datetime) -> None:
    """Visits in the last six months, of which fewer opened the signed answers."""
    months = [row.month for row in monthly_views(session, listing.id, now=now)][: len(VISITS)]
    counts = {
        ViewKey(listing.id, month, page): views
        for month, row in zip(months, VISITS, strict=True)
        for page, views in zip(CountedPage, row, strict=True)
    }
    add_views(session.connection(), counts)
