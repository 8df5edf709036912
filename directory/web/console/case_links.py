"""The links of the console to cases and to what waits in them."""

from typing import Any

from flask import url_for

_PAGES = {
    "listing": ("console.listing", "listing_id"),
    "attestation": ("console.attestation", "attestation_id"),
    "revision": ("console.revision", "revision_id"),
    "claim": ("console.claim", "claim_id"),
    "dispute": ("console.dispute", "dispute_id"),
    "removal": ("console.removal", "removal_id"),
    "duplicate": ("console.duplicate", "pair_id"),
    "drawn": ("console.drawn", "drawn_id"),
    "mail": ("console.email", "email_id"),
}
"""The endpoint and its argument for each kind of subject."""


def case_href(listing_id: int) -> str:
    """Return the URL of a case."""
    return url_for("console.case", listing_id=listing_id)


def item_href(listing_id: int, subject: str) -> str:
    """Return the URL of the page of something that waits, such as “attestation:12”."""
    kind, _, number = subject.partition(":")
    if kind == "import_difference":
        return url_for("console.differences")
    if kind not in _PAGES:
        return url_for("console.messages" if kind == "message" else "console.listing", listing_id=listing_id)
    endpoint, argument = _PAGES[kind]
    parameters: dict[str, Any] = {argument: int(number)}
    return url_for(endpoint, **parameters)
