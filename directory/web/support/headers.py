"""Default response headers: content security policy and caching."""

from datetime import datetime

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HSTS = "max-age=63072000; includeSubDomains"
"""Two years; sent only over HTTPS."""

PUBLIC_SECONDS = 300
"""How long shared caches may keep a public page that is not a search result; short, otherwise arbitrary."""

BRIEF_SECONDS = 60
"""How long caches may keep a page that shows whether answers count: a revocation is visible within a minute."""

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
    """Add the default headers to every response of `app`."""
    app.after_request(_add_default_headers)


def cache_publicly(
    response: Response, *, until: datetime | None = None, now: datetime | None = None, seconds: int = PUBLIC_SECONDS
) -> Response:
    """Make the response cacheable for `seconds`; the default is `no-store`.

    The response is never cached beyond `until`, when its content changes, for example because a badge expires.
    """
    if until is not None and now is not None and until > now:
        seconds = min(seconds, int((until - now).total_seconds()))
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    response.make_conditional(request)
    return response


def cache_briefly(response: Response, *, until: datetime | None, now: datetime) -> Response:
    """Make the response cacheable for at most a minute, with revalidation, for pages that prove a badge."""
    kept = cache_publicly(response, until=until, now=now, seconds=BRIEF_SECONDS)
    kept.headers["Cache-Control"] += ", must-revalidate"
    return kept


def _add_default_headers(response: Response) -> Response:
    # One extend() call, because setting headers one by one scans all headers each time.
    wanted = {**_DEFAULT_HEADERS, "Strict-Transport-Security": HSTS} if request.is_secure else _DEFAULT_HEADERS
    said = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in wanted.items() if name.lower() not in said])
    return response
