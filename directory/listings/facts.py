"""The facts of an entry that change from month to month: which languages are spoken, and if new patients are taken."""

from collections.abc import Iterable
from dataclasses import dataclass

from directory.errors import Invalid
from directory.listings.languages import LANGUAGES, in_order, language_faults
from directory.listings.tables import Listing, ListingStatement

NOT_STATED = "Not stated"
ACCEPTING_WORDS = {True: "Yes", False: "No", None: NOT_STATED}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stated of an entry besides who and where; the defaults are that nothing is.

    Raises:
        Invalid: a language is not on the list, or they are too many.
    """

    languages: tuple[str, ...] = ()
    accepts_new_patients: bool | None = None

    def __post_init__(self) -> None:
        if faults := list(language_faults(self.languages)):
            raise Invalid(faults)

    @classmethod
    def of(cls, row: Listing | ListingStatement) -> "Facts":
        """What is stored."""
        return cls(tuple(row.languages), row.accepts_new_patients)

    @property
    def are_stated(self) -> bool:
        """Whether any of them is."""
        return self != Facts()

    def write(self, row: Listing | ListingStatement) -> None:
        """Put them into a row."""
        row.languages, row.accepts_new_patients = in_order(self.languages), self.accepts_new_patients


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact that is stated in another way, such as “New patients: Yes → No”."""

    short: str
    before: str
    after: str


def facts_in_words(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Each fact with what is stated of it, in words."""
    return (
        ("Takes new patients", ACCEPTING_WORDS[facts.accepts_new_patients]),
        ("Languages spoken", language_words(facts.languages)),
    )


def facts_in_short(facts: Facts) -> tuple[str, ...]:
    """Only what is stated, each in a few words; nothing where nothing is."""
    accepting = {True: "Takes new patients", False: "Takes no new patients now", None: ""}[facts.accepts_new_patients]
    spoken = f"Speaks {language_words(facts.languages)}" if facts.languages else ""
    return tuple(text for text in (accepting, spoken) if text)


def language_words(codes: Iterable[str]) -> str:
    """“English, Spanish”, in the order of the list."""
    return ", ".join(LANGUAGES[code] for code in in_order(codes)) or NOT_STATED


def changes(before: Facts, after: Facts) -> tuple[FactChange, ...]:
    """What `after` states in another way than `before`."""
    pairs = zip(facts_in_words(before), facts_in_words(after), strict=True)
    return tuple(FactChange(short, was, now) for (short, was), (_, now) in pairs if was != now)
