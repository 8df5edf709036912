"""Drops dates in the future from the rows of a register."""

import dataclasses
from datetime import datetime, timedelta

from directory.imports.records import Deactivation, Note, NoteKind, ParsedRow, Provider

FUTURE_DATE = "a date in the future"


def drop_future_date(parsed: ParsedRow, now: datetime) -> ParsedRow:
    """Return a row without its date, with a note, if that lies in the future: it would outlast all rows to come."""
    found = parsed.record
    latest = now.date() + timedelta(days=1)
    if isinstance(found, Provider) and (found.updated or latest) > latest:
        parsed.notes.append(Note(NoteKind.DOUBT, FUTURE_DATE, "updated", f"{found.updated}", ""))
        return ParsedRow(dataclasses.replace(found, updated=None), parsed.notes)
    if isinstance(found, Deactivation) and (found.since or latest) > latest:
        parsed.notes.append(Note(NoteKind.DOUBT, FUTURE_DATE, "deactivated", f"{found.since}", ""))
        return ParsedRow(Deactivation(None), parsed.notes)
    return parsed
