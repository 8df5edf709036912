"""Reviewer pages for pairs of listings that may be the same provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.duplicates.commands import dismiss_pair, restore_pair
from directory.duplicates.queries import count_waiting_pairs, dismissed_pairs, duplicate_pair, waiting_pairs
from directory.duplicates.tables import DuplicatePair
from directory.listings.tables import Listing
from directory.web.console.blueprint import blueprint
from directory.web.support.requests import actor, now, session
from directory.web.support.state_labels import LISTING_LABELS
from directory.web.support.templating import render

PAIR_ID = "<int(max=2147483647):pair_id>"
"""URL converter for a pair's id, limited to the integer range of both databases."""

PAGE_SIZE = 25
DISMISSED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in the list; with `may_decide`, it has a button."""

    pair: DuplicatePair
    may_decide: bool

    @property
    def listings(self) -> tuple[Listing, Listing]:
        """Both listings, the older one first."""
        return self.pair.one, self.pair.other


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    """`console/duplicates.html`: a page of the pairs that wait, and the pairs that were dismissed last."""

    rows: tuple[PairRow, ...]
    dismissed: Sequence[DuplicatePair]
    total: int
    number: int
    last: int

    def label(self, listing: Listing) -> str:
        """The words for the state of a listing."""
        return LISTING_LABELS[listing.state]


@blueprint.get("/duplicates")
def duplicates() -> str:
    """List the pairs that may be the same provider, the most likely first."""
    total = count_waiting_pairs(session())
    last = max(1, -(-total // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    rows = tuple(
        PairRow(
            pair, all(may(actor(), Action.DECIDE, right=each.right_of(actor().id)) for each in (pair.one, pair.other))
        )
        for pair in waiting_pairs(session(), page=number, size=PAGE_SIZE)
    )
    dismissed = dismissed_pairs(session(), limit=DISMISSED_SHOWN)
    return render("console/duplicates.html", DuplicatesPage(rows, dismissed, total, number, last))


@blueprint.post(f"/duplicates/{PAIR_ID}/dismiss")
def dismiss_duplicate(pair_id: int) -> Response:
    """Note that two listings are not the same provider."""
    with transaction.atomic() as writing:
        pair = duplicate_pair(writing, pair_id)
        dismiss_pair(writing, pair, by=actor(), now=now())
        flash(f"{pair.one.name} and {pair.other.name}: two providers. You will not be asked again.", "success")
    return redirect(url_for("console.duplicates"), 303)


@blueprint.post(f"/duplicates/{PAIR_ID}/restore")
def restore_duplicate(pair_id: int) -> Response:
    """Undo a dismissal."""
    with transaction.atomic() as writing:
        pair = duplicate_pair(writing, pair_id)
        restore_pair(writing, pair, by=actor(), now=now())
        flash(f"{pair.one.name} and {pair.other.name} wait for a decision again.", "success")
    return redirect(url_for("console.duplicates"), 303)


def _row(pair: DuplicatePair) -> PairRow:
    rights = (listing.right_of(actor().id) for listing in (pair.one, pair.other))
    return PairRow(pair, all(may(actor(), Action.DECIDE, right=right) for right in rights))
