"""What an admin does with an import: register a file, settle its columns, run it, discard it, and undo it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.errors import Conflict
from directory.imports.differences import require_reason
from directory.imports.file_layout import check_columns, recognize_file
from directory.imports.lifecycle import ImportState, Move, next_state
from directory.imports.tables import Import

HASH_BYTES = 1 << 20
"""How much of a file is read at a time to hash it."""


def register_file(
    session: Session, path: Path, *, name: str, by: Actor | None, now: datetime, publish: bool = False,
    every_specialty: bool = False,
) -> Import:  # fmt: skip
    """Register a file that stays where it is until its import has ended; `by` is None for a command.

    Raises:
        NotAllowed: `by` is no admin.
        Invalid: the file is empty, or no CSV file with an NPI column.
    """
    if by is not None:
        require(by, Action.RUN_IMPORTS)
    kind, columns = recognize_file(path)
    made = Import(
        file=name[:200], path=str(path), sha256=hash_file(path), size=path.stat().st_size, kind=kind, columns=columns,
        publish=publish, every_specialty=every_specialty, state=ImportState.UPLOADED, by_id=by.id if by else None,
        created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def check(
    session: Session, found: Import, columns: Mapping[str, str], *, publish: bool, every_specialty: bool, by: Actor
) -> None:
    """Settle the columns and options of an import, and have its dry run made.

    Raises:
        NotAllowed: `by` is no admin.
        Invalid: a column is missing, used twice, or not in the file.
        Conflict: the import runs or has ended.
    """
    require(by, Action.RUN_IMPORTS)
    move(found, Move.CHECK)
    found.columns = check_columns(found.kind, found.path, columns)
    found.publish, found.every_specialty = publish, every_specialty
    found.report, found.dry_run, found.position, found.error = {}, {}, 0, ""
    session.flush()


def run(session: Session, found: Import, *, version: int | None, by: Actor, now: datetime) -> None:
    """Have an import written in the background; `version` is the version of its dry run that was seen.

    Raises:
        NotAllowed: `by` is no admin.
        Conflict: it has no dry run, or was changed since.
    """
    require(by, Action.RUN_IMPORTS)
    require_version(found, version)
    if not found.dry_run:
        raise Conflict("Look at the dry run of this import first.")
    start(session, found, by=by, now=now)


def start(session: Session, found: Import, *, by: Actor | None, now: datetime) -> None:
    """Begin the run of an import, and log it; `by` is None for a command."""
    move(found, Move.RUN)
    found.started_at, found.report, found.position = now, {}, 0
    session.flush()
    _log(session, found, "run", by=by, now=now)


def discard(session: Session, found: Import, *, by: Actor, now: datetime) -> None:
    """Discard an import that wrote nothing.

    Raises:
        NotAllowed: `by` is no admin.
        Conflict: it runs or has ended.
    """
    require(by, Action.RUN_IMPORTS)
    move(found, Move.DISCARD)
    found.finished_at = now
    session.flush()
    _log(session, found, "discard", by=by, now=now)


def undo(session: Session, found: Import, *, reason: str, by: Actor, now: datetime) -> None:
    """Have everything that an import wrote undone in the background; a run that is not finished stops.

    Raises:
        NotAllowed: `by` is no admin.
        Invalid: the reason is missing or too long.
        Conflict: the import wrote nothing, or is undone already.
    """
    require(by, Action.RUN_IMPORTS)
    found.undo_reason = require_reason(reason)
    move(found, Move.UNDO)
    found.undo_by_id = by.id
    session.flush()
    _log(session, found, "undo", by=by, now=now)


def move(found: Import, name: Move) -> None:
    """Make one move of an import.

    Raises:
        Conflict: its state does not allow it.
    """
    found.state = next_state(found.state, name)


def require_version(found: Import, version: int | None) -> None:
    """Check that `version` is the current version; None skips the check.

    Raises:
        Conflict: the import was changed since that version.
    """
    if version is not None and found.version != version:
        raise Conflict("This import was changed in the meantime. Look at it as it is now, then decide again.")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            hashed.update(block)
    return hashed.hexdigest()


def _log(session: Session, found: Import, verb: str, *, by: Actor | None, now: datetime) -> None:
    target = f"import:{found.id}"
    record(
        session, action=f"import.{verb}", target=target, before=None, after=found.sha256,
        by=by.id if by else None, now=now,
    )  # fmt: skip
