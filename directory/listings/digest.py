"""What an entry says, as the one document whose hash stands in the audit log."""

from typing import Any

from directory.audit.chain import digest
from directory.listings.facts import Facts
from directory.listings.languages import in_order
from directory.listings.tables import Listing


def entry_document(listing: Listing) -> dict[str, Any]:
    """All that is said of the provider, as text; not where the map puts it, which may be worked out anew."""
    said = ("slug", "kind", "name", "credential", "practice", "npi", "specialty_code", "phone", "website", "source")
    addressed = ("line1", "line2", "city", "state", "postal_code", "phone")
    return {
        "id": listing.id,
        **{name: getattr(listing, name) for name in said},
        "locations": [{name: getattr(row, name) for name in addressed} for row in listing.locations],
        **_stated(Facts.of(listing)),
    }


def _stated(facts: Facts) -> dict[str, Any]:
    """Only what is stated, so that what was listed before there were these facts keeps its hash."""
    languages = {"languages": in_order(facts.languages)} if facts.languages else {}
    accepting = {} if facts.accepts_new_patients is None else {"accepts_new_patients": facts.accepts_new_patients}
    return {**languages, **accepting}


def entry_digest(listing: Listing) -> str:
    """The hash of the entry as it stands, in hexadecimal."""
    return digest(entry_document(listing))
