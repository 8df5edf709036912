"""A process that upgrades the database of the environment and pauses at a statement, to be killed or let go on.

It prints one line when it reaches the statement that begins with its argument, and waits for a line.
"""

import os
import sys

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from directory import config, transaction
from directory.cli.installation import init_migrations


def main(pause_at: str) -> None:
    app = Flask("migration_process")
    transaction.init_app(app, config.read(os.environ))
    init_migrations(app)

    def pause(*arguments: object) -> None:
        if str(arguments[2]).lstrip().startswith(pause_at):
            print("reached", flush=True)
            sys.stdin.readline()

    with app.app_context():
        engine = transaction.session().get_bind()
        if engine.dialect.name == "sqlite":
            # With hardly a cache, uncommitted pages reach the disk, and a kill leaves them there.
            sa.event.listen(engine, "connect", lambda driver, _record: driver.execute("PRAGMA cache_size = 1"))
        sa.event.listen(engine, "before_cursor_execute", pause)
        flask_migrate.upgrade()
        transaction.close()


if __name__ == "__main__":
    main(sys.argv[1])
