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
from directory.web.support.device import device_name
from directory.web.support.requests import now

SESSION_BLUEPRINTS = frozenset({"portal", "claims", "console", "account", "signin", "security"})
"""The blueprints that have a session. On all other pages the session is empty and the cookie is ignored."""

LAST_USED_RESOLUTION = timedelta(minutes=5)
"""The last-used time of a session is updated at most this often, because each update is a write; arbitrary."""

_serializer = TaggedJSONSerializer()


class LazySession(SessionMixin):
    """A session that loads its database row on first access.

    Flask-Login and Flask-Principal access the session on every request. Outside `SESSION_BLUEPRINTS` it is therefore
    empty, and writing to it is an error.
    """

    def __init__(self, request: Request, cookie_name: str) -> None:
        self._request = request
        self._cookie_name = cookie_name
        self._values: dict[str, Any] | None = None
        self.stored: StoredSession | None = None

    @property
    def is_read(self) -> bool:
        """Whether the contents were accessed on a page that has a session, so the response depends on it."""
        return self._values is not None and self._is_available()

    @property
    def owner(self) -> tuple[Any, Any]:
        """The owner of the stored row and the owner of the session now, each as `fs_uniquifier` or None."""
        before = _serializer.loads(self.stored.data) if self.stored else {}
        return before.get("_user_id"), self.get("_user_id")

    @property
    def device(self) -> str:
        """The browser and system of the request in words."""
        return device_name(self._request.user_agent.string)

    def _is_available(self) -> bool:
        return not SESSION_BLUEPRINTS.isdisjoint(self._request.blueprints)

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            token = self._request.cookies.get(self._cookie_name) if self._is_available() else None
            # If the database does not answer, the error page must not ask it again.
            self._values = {}
            self.stored = find_session(transaction.session(), token, now=now()) if token else None
            self._values = _serializer.loads(self.stored.data) if self.stored else {}
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not self._is_available():
            raise RuntimeError(f"{self._request.path} has no session; see SESSION_BLUEPRINTS in {__name__}.")
        self._read()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class DatabaseSessionInterface(SessionInterface):
    """Stores sessions in the table `sessions`; the cookie holds only a random token."""

    def open_session(self, app: Flask, request: Request) -> LazySession:
        """Return a session that is not loaded yet."""
        return LazySession(request, self.get_cookie_name(app))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store a changed session; set the cookie for a new session and delete it for an ended one."""
        if not isinstance(session, LazySession) or not session.is_read:
            return
        response.vary.add("Cookie")
        data = _serializer.dumps(dict(session))
        stored = session.stored
        if stored is None and not session:
            return
        if stored is not None and stored.data == data and now() - stored.last_used_at < LAST_USED_RESOLUTION:
            return
        # The view has committed its changes; a commit here must not include anything else.
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
    """Store the session and return its token if it is new."""
    stored, (before, after) = session.stored, session.owner
    if stored is not None and session and before == after:
        update_session(writing, stored.id, data=data, now=now())
        return None
    if stored is not None:
        end_session(writing, stored.id)
    # A change of owner gets a new token, because an attacker may know the old one (session fixation).
    if not session:
        return None
    return create_session(writing, data=data, user_id=after, now=now(), device=session.device)


def init_app(app: Flask) -> None:
    """Use database-backed sessions for `app`."""
    app.session_interface = DatabaseSessionInterface()
