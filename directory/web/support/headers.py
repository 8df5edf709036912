"""The headers of every answer: what a browser may load, and who may keep a copy."""

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

_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
}


def attach(app: Flask) -> None:
    """Give every answer of `app` its headers."""
    app.after_request(_finish)


def keep_public(response: Response, *, until: datetime | None = None, now: datetime | None = None) -> Response:
    """Let caches keep this answer for a short while; without this, none may.

    After `until` it says something else, such as that a badge has ended, so nobody keeps it longer.
    """
    seconds = PUBLIC_SECONDS
    if until is not None and now is not None and until > now:
        seconds = min(seconds, int((until - now).total_seconds()))
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _finish(response: Response) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
