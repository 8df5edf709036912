"""A same-origin check for forms that have no session and therefore no CSRF token."""

from urllib.parse import urlsplit

from flask import request

from directory.errors import NotAllowed


def require_same_origin() -> None:
    """Refuse what another site made a visitor's browser send; what no browser sent says nothing and passes.

    Raises:
        NotAllowed: the browser says that the form stands on another site.
    """
    # Our pages send no referrer, and so their own forms have the origin “null”, which proves nothing.
    site, origin = request.headers.get("Sec-Fetch-Site", ""), request.headers.get("Origin", "null")
    elsewhere = origin != "null" and urlsplit(origin).netloc != request.host
    if site == "cross-site" or (not site and elsewhere):
        raise NotAllowed("This was sent from another site. Please open the form here and send it again.")
