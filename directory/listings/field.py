"""The base class for the declaration of a listing or location field."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from directory.accounts.policy import Role
from directory.errors import FieldError

Schema = dict[str, Any]

NOT_STATED = "Not stated"


class Change(enum.StrEnum):
    """Whether a change by the owner counts at once, or belongs to a draft that a reviewer publishes."""

    LIVE = "live"
    REVIEWED = "reviewed"


class DigestRule(enum.StrEnum):
    """Whether the digest of a listing holds a field; `IF_STATED` leaves older digests as they are."""

    ALWAYS = "always"
    IF_STATED = "if stated"
    NEVER = "never"


OWNER = frozenset({Role.PROVIDER})
NOBODY: frozenset[Role] = frozenset()
"""The editors of what the program sets."""


@dataclass(frozen=True, kw_only=True)
class FormLook:
    """How the form shows a field: its label there, the attributes of its HTML control, and its place.

    `optional` False leaves out "(optional)"; `same_line` puts it beside the field before it.
    """

    label: str = ""
    type: str = "text"
    size: str = ""
    inputmode: str | None = None
    autocomplete: str | None = None
    optional: bool = True
    same_line: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field, with all that forms, digest, API, import and pages need to know of it.

    Attributes:
        name: the column, the attribute of `Entry` or `Address`, and the name in the form.
        label: what pages call it.
        noun: how a sentence begins that says what is wrong: “The city”.
        hint: the help text of the form.
        required: whether a listing must state it.
        nullable: whether NULL is stored where it is not stated.
        editors: the roles that may change it; `Role.PROVIDER` is the owner.
        change: whether a change counts at once or is reviewed.
        is_public: whether patients see it.
        is_fact: whether pages show it in their list of facts; the others have a place of their own.
        signed: whether the digest holds it.
        api_name: its member in the JSON documents; empty if it is in none.
        api_null: whether that member is null where it is not stated.
        api_description: the description of that member in the OpenAPI document.
        is_searchable: whether the search index reads it.
        is_imported: whether the NPPES import writes it.
        nppes_column: the NPPES column that it is imported from, where it is a single one.
        look: how the form shows it.
    """

    name: str
    label: str
    noun: str = ""
    hint: str = ""
    required: bool = False
    nullable: bool = False
    editors: frozenset[Role] = OWNER
    change: Change = Change.REVIEWED
    is_public: bool = True
    is_fact: bool = False
    signed: DigestRule = DigestRule.IF_STATED
    api_name: str = ""
    api_null: bool = False
    api_description: str = ""
    is_searchable: bool = False
    is_imported: bool = False
    nppes_column: str = ""
    look: FormLook = field(default_factory=FormLook)

    def is_stated(self, value: Any) -> bool:
        """Whether `value` says anything; False does."""
        return value is False or bool(value)

    def check(self, value: Any) -> Iterator[FieldError]:
        """The limits that `value` breaks, each as a sentence."""
        yield from ()

    def stored(self, value: Any) -> Any:
        """`value` as the column holds it and the digest signs it: the same for everybody who states the same."""
        return value

    def display(self, value: Any) -> str:
        """`value` in words."""
        return str(value) if self.is_stated(value) else NOT_STATED

    def phrase(self, value: Any) -> str:
        """`value` in a few words that need no label; empty where it is not stated."""
        return self.display(value) if self.is_stated(value) else ""

    def to_json(self, value: Any) -> Any:
        """`value` as the API shows it."""
        return None if self.api_null and not self.is_stated(value) else self._json(self.stored(value))

    @property
    def schema(self) -> Schema:
        """The JSON Schema of what `to_json` returns."""
        shape = self._shape()
        if self.api_null:
            shape["type"] = [shape["type"], "null"]
        return {**shape, "description": self.api_description} if self.api_description else shape

    def _json(self, value: Any) -> Any:
        return value

    def _shape(self) -> Schema:
        return {"type": "string"}
