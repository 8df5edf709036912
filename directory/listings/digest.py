"""What an entry says, as the one document whose hash stands in the audit log."""

from typing import Any

from directory.audit.chain import digest
from directory.listings.field import Field, Signed
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.tables import Listing, Location


def entry_document(listing: Listing) -> dict[str, Any]:
    """All that is said of the provider, as text; not where the map puts it, which may be worked out anew."""
    return {
        "id": listing.id,
        **_signed(LISTING_FIELDS, listing),
        "locations": [_signed(LOCATION_FIELDS, row) for row in listing.locations],
    }


def entry_digest(listing: Listing) -> str:
    """The hash of the entry as it stands, in hexadecimal."""
    return digest(entry_document(listing))


def _signed(fields: tuple[Field, ...], row: Listing | Location) -> dict[str, Any]:
    return {
        each.name: each.stored(getattr(row, each.name))
        for each in fields
        if each.signed is Signed.ALWAYS or (each.signed is Signed.IF_STATED and each.is_stated(getattr(row, each.name)))
    }
