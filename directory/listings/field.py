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
    """Whether an owner's change takes effect at once, or needs a draft that a reviewer publishes."""

    LIVE = "live"
    REVIEWED = "reviewed"


class DigestRule(enum.StrEnum):
    """Whether the digest of a listing includes a field; with `IF_STATED`, digests made before the field stay valid."""

    ALWAYS = "always"
    IF_STATED = "if stated"
    NEVER = "never"


OWNER = frozenset({Role.PROVIDER})
NOBODY: frozenset[Role] = frozenset()
"""The editors of a computed field."""


@dataclass(frozen=True, kw_only=True)
class FormLook:
    """How the form shows a field: its label there, the attributes of its HTML control, and its place.

    With `optional=False` the label has no "(optional)"; `same_line` puts the field beside the previous one.
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
    """One field, with everything that forms, digest, API, import and pages need.

    Attributes:
        name: the column, the attribute of `ListingData` or `Address`, and the name in the form.
        label: the label on pages.
        noun: the start of its error messages: “The city”.
        hint: the help text of the form.
        required: whether a listing must state it.
        nullable: whether NULL is stored if it is not stated.
        editors: the roles that may change it; `Role.PROVIDER` is the owner.
        change: whether a change takes effect at once or is reviewed.
        is_public: whether patients see it.
        is_fact: whether pages show it in their list of facts; templates place the other fields individually.
        signed: whether the digest includes it.
        api_name: its member in the JSON documents; empty if it is not in the API.
        api_null: whether that member is null if it is not stated.
        api_description: the description of that member in the OpenAPI document.
        is_searchable: whether the search index reads it.
        is_imported: whether the NPPES import writes it.
        nppes_column: the NPPES column that it is imported from, if there is only one.
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
        """Whether `value` states anything; False counts as stated."""
        return value is False or bool(value)

    def check(self, value: Any) -> Iterator[FieldError]:
        """Validate `value` and yield an error for each broken limit."""
        yield from ()

    def check_typed(self, value: Any) -> Iterator[FieldError]:
        """Check what `check` does not ask of imported and older values, of one that somebody types now."""
        yield from ()

    def is_same(self, before: Any, after: Any) -> bool:
        """Whether two stored values state the same."""
        return bool(before == after)

    def stored(self, value: Any) -> Any:
        """Normalize `value` for the column and the digest; equal statements give equal values."""
        return value

    def display(self, value: Any) -> str:
        """`value` as pages display it."""
        return str(value) if self.is_stated(value) else NOT_STATED

    def phrase(self, value: Any) -> str:
        """`value` as a short phrase that needs no label; empty if it is not stated."""
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
