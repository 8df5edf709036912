"""The database session of Flask-Security's datastore, for the code that the library calls."""

from typing import cast

from flask_security import SQLAlchemySessionUserDatastore
from flask_security.proxies import _datastore
from sqlalchemy.orm import Session


def datastore_session() -> Session:
    """Return the session in which Flask-Security makes its changes: that of the current request or command."""
    return cast(Session, cast(SQLAlchemySessionUserDatastore, _datastore).db.session())
