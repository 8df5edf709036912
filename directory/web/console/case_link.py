"""The URL of the case of a listing, on which reviewers decide."""

from flask import url_for


def case_url(listing_id: int) -> str:
    """Return the URL of the page on which what waits for a listing is decided."""
    return url_for("console.case", listing_id=listing_id)
