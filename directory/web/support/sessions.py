"""The session of whoever signed in; a visitor without its cookie has an empty one that costs nothing."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, which makes what checks a signature before it looks whether there is anything signed."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie holds, where the browser sent one."""
        if not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)


def attach(app: Flask) -> None:
    """Open the sessions of `app` in this way."""
    app.session_interface = _Sessions()
