"""What becomes of a listing whose NPI is deactivated, and of one whose NPI is taken up again."""

from datetime import date

from directory.imports.existing import KnownListing
from directory.imports.records import SkippedRow
from directory.listings.bulk_insert import NewListing
from directory.listings.lifecycle import ListingState, Move

SUSPEND_REASON = "The NPI was deactivated in NPPES."
REINSTATE_REASON = "The NPI is active in NPPES again."
DEACTIVATED = "the NPI is deactivated"
OUTDATED = "an older row than what is known already"
REVIEWED = "the NPI is deactivated, but a reviewer published this listing again since"


def is_suspended(listing: KnownListing | NewListing, since: date | None) -> bool:
    """Whether the deactivation of its NPI suspends a listing; other states than published stay as they are.

    Raises:
        SkippedRow: the listing is newer than the deactivation, or a reviewer published it again since.
    """
    if since is not None and since < (listing.source_updated or date.min):
        raise SkippedRow(OUTDATED)
    if listing.state is not ListingState.PUBLISHED:
        return False
    last = listing.suspension if isinstance(listing, KnownListing) else None
    is_reviewed = last is not None and last.move is Move.REINSTATE and not last.by_import
    if is_reviewed and last is not None and (since is None or since <= last.on):
        raise SkippedRow(REVIEWED)
    return True


def is_reinstated(listing: KnownListing | NewListing, as_of: date | None, updated: date | None) -> bool:
    """Whether a row that says that an NPI is active reinstates its listing.

    Only what an import suspended is reinstated, and no listing of a provider: its answers are for a reviewer.

    Args:
        listing: the listing of the NPI.
        as_of: the registry's date of the listing before this row.
        updated: the date of the row.
    """
    if listing.state is not ListingState.SUSPENDED or (updated or date.min) <= (as_of or date.min):
        return False
    if isinstance(listing, NewListing):
        return True
    if listing.is_protected:
        return False
    last = listing.suspension
    in_this_batch = listing.stored.state is not ListingState.SUSPENDED
    return in_this_batch or (last is not None and last.move is Move.SUSPEND and last.by_import)
