"""What one row of a register says: a provider, another address, a deactivation, or the reason to skip it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from directory.listings.kinds import ListingKind

Row: TypeAlias = Sequence[str]


class NoteKind(enum.StrEnum):
    """Whether the import put a value right, or could not be sure of it."""

    REPAIR = "repaired"
    DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Note:
    """A repair or a doubt about one value of a row: what it was, what was read, and what is stored instead."""

    kind: NoteKind
    what: str
    field: str
    read: str
    stored: str


class SkippedRow(Exception):
    """The reason to skip a row; with `worth_listing=False` it is left out of the file of rejected rows.

    That is for reasons that apply to millions of rows.
    """

    def __init__(self, reason: str, *, details: str = "", worth_listing: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details
        self.worth_listing = worth_listing


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A practice address in the United States, as in the file except for its case."""

    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    phone: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider from a row of the full file."""

    kind: ListingKind
    name: str
    credential: str
    specialty_code: str
    address: PostalAddress
    updated: date | None
    other_name: str = ""

    @property
    def phone(self) -> str:
        """The phone of the address; the registry has no other phone number."""
        return self.address.phone


@dataclass(frozen=True, slots=True)
class SecondaryAddress:
    """A row of the secondary locations: another address of a provider in the full file."""

    address: PostalAddress


@dataclass(frozen=True, slots=True)
class Deactivation:
    """A deactivated NPI: it must not be listed, and an existing listing is retired."""

    since: date | None


Record: TypeAlias = Provider | SecondaryAddress | Deactivation


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """What a row says, or why it is skipped, with the repairs and doubts met while it was read."""

    record: Record | SkippedRow
    notes: list[Note] = field(default_factory=list)
