"""Changes settings."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.errors import Conflict, FieldError, Invalid
from directory.settings.queries import current_section
from directory.settings.setting import Section, Value
from directory.settings.tables import SettingChange, StoredSection


def parse_section(section: Section, typed: Mapping[str, str]) -> dict[str, Value]:
    """Return the values of a form.

    Raises:
        Invalid: some cannot be stored; each error names the setting and the limit.
    """
    values, faults = {}, []
    for setting in section.settings:
        try:
            values[setting.name] = setting.parse(typed.get(setting.name, ""))
        except ValueError as wrong:
            faults.append(FieldError(setting.name, str(wrong)))
    if faults:
        raise Invalid(faults)
    return values


def change_section(
    session: Session, section: Section, values: Mapping[str, Value], *, version: int, by: Actor, now: datetime
) -> None:
    """Store the values of a section; `version` is the version that was edited. Without a difference, nothing is stored.

    Raises:
        NotAllowed: the account is not an admin's.
        Conflict: somebody else changed the section in the meantime.
    """
    require(by, Action.CHANGE_SETTINGS)
    before = current_section(session, section)
    if version != before.version:
        raise Conflict("Somebody else changed these settings in the meantime. Compare both, then save again.")
    changed = [name for name, value in values.items() if value != before.values[name]]
    if not changed:
        return
    stored = session.get(StoredSection, section.name)
    if stored is None:
        session.add(StoredSection(section=section.name, values=_json(values), updated_at=now, updated_by_id=by.id))
    else:
        stored.values, stored.updated_at, stored.updated_by_id = _json(values), now, by.id
    old, new = ({name: source[name] for name in changed} for source in (before.values, values))
    session.add(SettingChange(section=section.name, before=_json(old), after=_json(new), by_id=by.id, at=now))
    session.flush()
    record(
        session,
        action="settings.change",
        target=f"settings:{section.name}",
        before=_digest(before.values),
        after=_digest(values),
        by=by.id,
        now=now,
    )


def _json(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _digest(values: Mapping[str, Value]) -> str:
    return hashlib.sha256(json.dumps(_json(values), sort_keys=True).encode()).hexdigest()
