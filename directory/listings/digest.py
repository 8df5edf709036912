"""What an entry says, as the one document whose hash stands in the audit log."""

from typing import Any

from directory.audit.chain import digest
from directory.listings.tables import Listing


def entry_document(listing: Listing) -> dict[str, Any]:
    """All that is said of the provider, as text; not where the map puts it, which may be worked out anew."""
    said = ("slug", "kind", "name", "credential", "practice", "npi", "specialty_code", "phone", "website", "source")
    addressed = ("line1", "line2", "city", "state", "postal_code", "phone")
    return {
        "id": listing.id,
        **{name: getattr(listing, name) for name in said},
        "locations": [{name: getattr(row, name) for name in addressed} for row in listing.locations],
    }


def entry_digest(listing: Listing) -> str:
    """The hash of the entry as it stands, in hexadecimal."""
    return digest(entry_document(listing))
