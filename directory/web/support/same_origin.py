"""A same-origin check for forms that have no session and therefore no CSRF token."""

from urllib.parse import urlsplit

from flask import request

from directory.errors import NotAllowed


def is_cross_site() -> bool:
    """Return whether the browser reports that the form was sent from another site."""
    # Our pages set `Referrer-Policy: no-referrer`, so even our own forms send the origin “null”, which proves nothing.
    site, origin = request.headers.get("Sec-Fetch-Site", ""), request.headers.get("Origin", "null")
    elsewhere = origin != "null" and urlsplit(origin).netloc != request.host
    return site == "cross-site" or (not site and elsewhere)


def require_same_origin() -> None:
    """Refuse cross-site form submissions; requests without browser headers pass.

    Raises:
        NotAllowed: the browser reports that the form was sent from another site.
    """
    if is_cross_site():
        raise NotAllowed("This was sent from another site. Please open the form here and send it again.")
