"""Default response headers: content security policy and caching."""

from datetime import datetime

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HSTS = "max-age=63072000; includeSubDomains"
"""Two years, said only over https."""

PUBLIC_SECONDS = 300
"""How long a shared cache may keep a public page that no search made; arbitrary, short."""

BRIEF_SECONDS = 60
"""How long anybody may keep a page that says whether answers count; arbitrary, a revocation shows within a minute."""

_DEFAULT_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-store",
}


def init_app(app: Flask) -> None:
    """Give every answer of `app` its headers."""
    app.after_request(_add_default_headers)


def cache_publicly(
    response: Response, *, until: datetime | None = None, now: datetime | None = None, seconds: int = PUBLIC_SECONDS
) -> Response:
    """Let caches keep this answer for a short while; without this, none may.

    After `until` it says something else, such as that a badge has ended, so nobody keeps it longer.
    """
    if until is not None and now is not None and until > now:
        seconds = min(seconds, int((until - now).total_seconds()))
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    response.make_conditional(request)
    return response


def cache_briefly(response: Response, *, until: datetime | None, now: datetime) -> Response:
    """The same for what proves something: a minute at most, and never shown again without asking once it is over."""
    kept = cache_publicly(response, until=until, now=now, seconds=BRIEF_SECONDS)
    kept.headers["Cache-Control"] += ", must-revalidate"
    return kept


def _add_default_headers(response: Response) -> Response:
    # Added at once: to set one by one looks through all of them again for each.
    wanted = {**_DEFAULT_HEADERS, "Strict-Transport-Security": HSTS} if request.is_secure else _DEFAULT_HEADERS
    said = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in wanted.items() if name.lower() not in said])
    return response
