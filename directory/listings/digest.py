"""The content of a listing as one document, and its hash for the audit log."""

from typing import Any

from directory.audit.chain import digest
from directory.listings.field import DigestRule, Field
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.tables import Listing, Location


def listing_document(listing: Listing) -> dict[str, Any]:
    """The signed fields of a listing and its locations, without coordinates, which geocoding may recompute."""
    return {
        "id": listing.id,
        **_signed_values(LISTING_FIELDS, listing),
        "locations": [_signed_values(LOCATION_FIELDS, row) for row in listing.locations],
    }


def listing_digest(listing: Listing) -> str:
    """The hash of the listing's current content and state, in hexadecimal.

    Entries of the audit log from before version 0.3 hash `listing_document` alone.
    """
    return digest({**listing_document(listing), "state": listing.state})


def _signed_values(fields: tuple[Field, ...], row: Listing | Location) -> dict[str, Any]:
    return {
        each.name: each.stored(getattr(row, each.name))
        for each in fields
        if each.signed is DigestRule.ALWAYS
        or (each.signed is DigestRule.IF_STATED and each.is_stated(getattr(row, each.name)))
    }
