"""Reviewer pages for pairs of listings that may be the same provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.duplicates.commands import add_pair, dismiss_pair, restore_pair
from directory.duplicates.queries import (
    count_waiting_pairs,
    dismissed_pairs,
    duplicate_pair,
    latest_merges,
    listing_merge,
    next_pair,
    waiting_pairs,
)
from directory.duplicates.tables import DuplicatePair, ListingMerge
from directory.errors import FieldError, Invalid
from directory.listings import queries
from directory.listings.tables import Listing
from directory.review.listing_search import addressed_listing
from directory.review.merges import merge_pair, undo_merge
from directory.web.console.blueprint import blueprint
from directory.web.console.forms import DecisionForm
from directory.web.console.listing_admin import OtherListingForm, listing_page
from directory.web.console.merge_form import duplicate_page, merge_form
from directory.web.console.tables import PAGE_SIZE, TablePage
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import LISTING_ID
from directory.web.support.requests import actor, now, session
from directory.web.support.state_labels import LISTING_LABELS
from directory.web.support.templating import render

PAIR_ID = "<int(max=2147483647):pair_id>"
"""URL converter for a pair's id, limited to the integer range of both databases."""

MERGE_ID = "<int(max=2147483647):merge_id>"

LATEST_SHOWN = 10


ViewResponse = str | tuple[str, int] | Response


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
    """`console/duplicates.html`: a page of the pairs that wait, and the latest that were dismissed or merged."""

    rows: tuple[PairRow, ...]
    dismissed: Sequence[DuplicatePair]
    merges: Sequence[ListingMerge]
    total: int
    paging: TablePage

    def label(self, listing: Listing) -> str:
        """The words for the state of a listing."""
        return LISTING_LABELS[listing.state]


@blueprint.get("/duplicates")
def duplicates() -> str:
    """List the pairs that may be the same provider, the most likely first."""
    total = count_waiting_pairs(session())
    paging = TablePage.requested(total)
    rows = tuple(map(_row, waiting_pairs(session(), page=paging.number, size=PAGE_SIZE)))
    dismissed = dismissed_pairs(session(), limit=LATEST_SHOWN)
    merges = latest_merges(session(), limit=LATEST_SHOWN)
    return render("console/duplicates.html", DuplicatesPage(rows, dismissed, merges, total, paging))


@blueprint.get(f"/duplicates/{PAIR_ID}")
def duplicate(pair_id: int) -> str:
    """Show a pair side by side, with what a merge would keep."""
    pair = duplicate_pair(session(), pair_id)
    return render("console/duplicate.html", duplicate_page(pair, merge_form(pair), following=_following(pair)))


@blueprint.post(f"/duplicates/{PAIR_ID}/merge")
def merge_duplicate(pair_id: int) -> ViewResponse:
    """Merge a pair, or show it again with the reason why not."""
    pair = duplicate_pair(session(), pair_id)
    form, following = merge_form(pair, request.form), _following(pair)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        merge = merge_pair(writing, pair, **form.choices(pair), by=actor(), now=now())
        flash(f"{merge.merged.name} is one with {merge.kept.name} now.", "success")
        return redirect(following, 303)
    return render("console/duplicate.html", duplicate_page(pair, form, following=following)), refused.status


@blueprint.post(f"/listings/{LISTING_ID}/pair")
def pair_listing(listing_id: int) -> ViewResponse:
    """Put a listing beside another one, or show its page with the reason why not."""
    found, form = queries.listing(session(), listing_id), OtherListingForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        other = queries.listing(writing, _require_addressed(form))
        pair = add_pair(writing, found, other, by=actor(), now=now())
        return redirect(url_for("console.duplicate", pair_id=pair.id), 303)
    return render("console/listing.html", listing_page(found, DecisionForm(), form)), refused.status


@blueprint.post(f"/merges/{MERGE_ID}/undo")
def undo_merged(merge_id: int) -> Response:
    """Split two merged listings again."""
    with transaction.atomic() as writing:
        merge = listing_merge(writing, merge_id)
        undo_merge(writing, merge, by=actor(), now=now())
        flash(f"{merge.merged.name} is a listing of its own again.", "success")
    return redirect(url_for("console.duplicates"), 303)


@blueprint.post(f"/duplicates/{PAIR_ID}/dismiss")
def dismiss_duplicate(pair_id: int) -> Response:
    """Note that two listings are not the same provider."""
    with transaction.atomic() as writing:
        pair = duplicate_pair(writing, pair_id)
        following = _following(pair)
        dismiss_pair(writing, pair, by=actor(), now=now())
        flash(f"{pair.one.name} and {pair.other.name}: two providers. You will not be asked again.", "success")
    return redirect(following, 303)


@blueprint.post(f"/duplicates/{PAIR_ID}/restore")
def restore_duplicate(pair_id: int) -> Response:
    """Undo a dismissal."""
    with transaction.atomic() as writing:
        pair = duplicate_pair(writing, pair_id)
        restore_pair(writing, pair, by=actor(), now=now())
        flash(f"{pair.one.name} and {pair.other.name} wait for a decision again.", "success")
    return redirect(url_for("console.duplicates"), 303)


def _following(pair: DuplicatePair) -> str:
    """The address of the next pair that waits, or of the list after the last one."""
    following = next_pair(session(), pair)
    return url_for(".duplicate", pair_id=following.id) if following else url_for(".duplicates")


def _row(pair: DuplicatePair) -> PairRow:
    rights = (listing.right_of(actor().id) for listing in (pair.one, pair.other))
    return PairRow(pair, all(may(actor(), Action.DECIDE, right=right) for right in rights))


def _require_addressed(form: OtherListingForm) -> int:
    found = addressed_listing(session(), form.text)
    if found is None:
        raise Invalid([FieldError("other", "There is no listing with this number or address.")])
    return found
