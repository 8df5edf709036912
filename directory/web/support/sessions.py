"""Database-backed Flask sessions, loaded lazily and never used on patients' pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.orm import Session

from directory import transaction
from directory.accounts.sessions import (
    StoredSession,
    create_session,
    end_session,
    find_session,
    update_session,
)
from directory.web.support.requests import now

SESSION_BLUEPRINTS = frozenset({"portal", "console", "signin", "security"})
"""The blueprints that have a session. On all other pages it is empty, whatever cookie the browser sends."""

LAST_USED_RESOLUTION = timedelta(minutes=5)
"""How exactly it is known when a session was last used; arbitrary, because each time it is noted is a write."""

_serializer = TaggedJSONSerializer()


class LazySession(SessionMixin):
    """A session whose row is read when its contents are first used.

    Flask-Login and Flask-Principal look at the session around every request, so where there is no session (see
    `SESSION_BLUEPRINTS`) it is simply empty, and to write into it is an error.
    """

    def __init__(self, request: Request, cookie_name: str) -> None:
        self._request = request
        self._cookie_name = cookie_name
        self._values: dict[str, Any] | None = None
        self.stored: StoredSession | None = None

    @property
    def is_read(self) -> bool:
        """Whether anything depends on the session: its contents were used where there may be some."""
        return self._values is not None and self._is_available()

    @property
    def owner(self) -> tuple[Any, Any]:
        """Whom the row belongs to, and whom the session belongs to now, by their `fs_uniquifier`."""
        before = _serializer.loads(self.stored.data) if self.stored else {}
        return before.get("_user_id"), self.get("_user_id")

    def _is_available(self) -> bool:
        return not SESSION_BLUEPRINTS.isdisjoint(self._request.blueprints)

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            token = self._request.cookies.get(self._cookie_name) if self._is_available() else None
            self.stored = find_session(transaction.session(), token, now=now()) if token else None
            self._values = _serializer.loads(self.stored.data) if self.stored else {}
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not self._is_available():
            raise RuntimeError(f"{self._request.path} has no session; see SIGNED_IN in {__name__}.")
        self._read()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class DatabaseSessionInterface(SessionInterface):
    """Keeps sessions in the table `sessions`; the cookie holds a random token and nothing else."""

    def open_session(self, app: Flask, request: Request) -> LazySession:
        """A session that has not been read yet."""
        return LazySession(request, self.get_cookie_name(app))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store what changed. The cookie is set with a new session and removed with an ended one."""
        if not isinstance(session, LazySession) or not session.is_read:
            return
        response.vary.add("Cookie")
        data = _serializer.dumps(dict(session))
        stored = session.stored
        if stored is None and not session:
            return
        if stored is not None and stored.data == data and now() - stored.last_used_at < LAST_USED_RESOLUTION:
            return
        # The view has committed what it wants to keep; nothing else may be committed with the session.
        transaction.session().rollback()
        with transaction.atomic() as writing:
            token = _store(writing, session, data)
        if token:
            self._set_cookie(app, response, token)
        elif not session:
            response.delete_cookie(
                self.get_cookie_name(app),
                path=self.get_cookie_path(app),
                secure=self.get_cookie_secure(app),
                httponly=self.get_cookie_httponly(app),
                samesite=self.get_cookie_samesite(app),
            )

    def _set_cookie(self, app: Flask, response: Response, token: str) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            token,
            path=self.get_cookie_path(app),
            secure=self.get_cookie_secure(app),
            httponly=self.get_cookie_httponly(app),
            samesite=self.get_cookie_samesite(app),
        )


def _store(writing: Session, session: LazySession, data: str) -> str | None:
    """Write the session, and return its token where it is a new one."""
    stored, (before, after) = session.stored, session.owner
    if stored is not None and session and before == after:
        update_session(writing, stored.id, data=data, now=now())
        return None
    if stored is not None:
        end_session(writing, stored.id)
    # Whoever signs in gets a new token: the old one may be known to somebody else (session fixation).
    return create_session(writing, data=data, user_id=after, now=now()) if session else None


def init_app(app: Flask) -> None:
    """Keep the sessions of `app` in its database."""
    app.session_interface = DatabaseSessionInterface()
