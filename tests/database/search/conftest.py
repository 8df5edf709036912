"""A session on the schema of the metadata, on both databases, for tests that need no application."""

import uuid
from collections.abc import Iterator

import postgresql_cluster
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import directory.review.commands  # noqa: F401  so that every table is known
from directory.database import Base


@pytest.fixture(params=["sqlite", "postgresql"])
def session(request: pytest.FixtureRequest, tmp_path) -> Iterator[Session]:
    if request.param == "sqlite":
        engine = sa.create_engine(f"sqlite:///{tmp_path / 'test.sqlite'}")
    else:
        cluster: postgresql_cluster.Cluster = request.getfixturevalue("postgresql_server")
        name = f"search_{uuid.uuid4().hex[:8]}"
        cluster.create(name)
        engine = sa.create_engine(cluster.url(name).replace("postgresql:", "postgresql+psycopg:"))
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()
