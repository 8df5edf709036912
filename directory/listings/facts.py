"""The facts that an owner states when confirming a listing: languages, and whether new patients are accepted."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from directory.errors import Invalid
from directory.listings.changes import FieldChange
from directory.listings.fields import LISTING_FIELDS
from directory.listings.tables import Listing, ListingStatement


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """The facts that are stored with each statement of the owner; by default nothing is stated.

    Raises:
        Invalid: a language is not on the list, or there are too many.
    """

    languages: tuple[str, ...] = ()
    accepts_new_patients: bool | None = None

    def __post_init__(self) -> None:
        if faults := [fault for each in STATEMENT_FIELDS for fault in each.check(getattr(self, each.name))]:
            raise Invalid(faults)

    @classmethod
    def of(cls, row: Listing | ListingStatement) -> "ListingFacts":
        """The facts that a row stores."""
        return cls(tuple(row.languages), row.accepts_new_patients)

    @property
    def are_stated(self) -> bool:
        """Whether any fact is stated."""
        return self != ListingFacts()

    def after(self, changes: Iterable[FieldChange]) -> "ListingFacts":
        """These facts with later changes applied; other fields are ignored."""
        newer = {change.field: change.new for change in changes if change.field in _NAMES}
        return replace(self, **newer | ({"languages": tuple(newer["languages"])} if "languages" in newer else {}))

    def write(self, row: Listing | ListingStatement) -> None:
        """Write the facts to a row."""
        for each in STATEMENT_FIELDS:
            setattr(row, each.name, each.stored(getattr(self, each.name)))


_NAMES = frozenset(each.name for each in fields(ListingFacts))

STATEMENT_FIELDS = tuple(each for each in LISTING_FIELDS if each.name in _NAMES)
"""The declarations of these facts."""


@dataclass(frozen=True, slots=True)
class FactChange:
    """A changed fact, such as “New patients: Yes → No”."""

    short: str
    before: str
    after: str


def describe_facts(facts: ListingFacts) -> tuple[tuple[str, str], ...]:
    """The label and the text of each fact."""
    return tuple((each.label, each.display(getattr(facts, each.name))) for each in STATEMENT_FIELDS)


def summarize_facts(facts: ListingFacts) -> tuple[str, ...]:
    """A short phrase for each stated fact; empty if nothing is stated."""
    phrases = (each.phrase(getattr(facts, each.name)) for each in STATEMENT_FIELDS)
    return tuple(phrase for phrase in phrases if phrase)


def diff_facts(before: ListingFacts, after: ListingFacts) -> tuple[FactChange, ...]:
    """The facts that differ between `before` and `after`."""
    pairs = zip(describe_facts(before), describe_facts(after), strict=True)
    return tuple(FactChange(short, was, now) for (short, was), (_, now) in pairs if was != now)
