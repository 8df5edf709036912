"""Published rulesets: parsed from TOML files, validated, immutable, and looked up by id."""

import calendar
import copy
import functools
import itertools
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from directory.certification import consistency, schema
from directory.certification.criteria import Criterion, CrossCheck, Detail, Question, RulesSource
from directory.certification.toml_reader import TomlTable
from directory.errors import NotFound

MAX_ID_LENGTH = 40  # the length of the column that stores it
MAX_VALID_MONTHS = 60  # arbitrary: an answer older than five years says nothing about today
MIN_NOTICE = timedelta(days=60)  # rules.md: how long older attestations must stay valid at least
_ID_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + ".-")


class InvalidRuleset(Exception):
    """A ruleset file that cannot be used; `faults` are error messages with their place in the file."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """One published version of the rules: questions, rules, reasons, and the statement that is signed.

    Attestations under older versions stop counting when the day `supersedes_after` begins (UTC); if it is None, they
    count until they expire.
    """

    id: str
    title: str
    published: date
    valid_months: int
    supersedes_after: date | None
    source: RulesSource
    weakest_link: str
    statement: str
    criteria: tuple[Criterion, ...]
    details: tuple[Detail, ...]
    checks: tuple[CrossCheck, ...]
    _document: Mapping[str, Any] = field(repr=False)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions: the graded criteria, then the details."""
        return (*self.criteria, *self.details)

    def question(self, key: str) -> Question | None:
        """The criterion or detail with this key, or None."""
        return next((question for question in self.questions if question.key == key), None)

    def valid_until(self, signed_at: datetime) -> datetime:
        """The last time at which an attestation signed at `signed_at` still counts.

        It is on the same day of the month, or on the month's last day if there is no such day.
        """
        month = signed_at.month - 1 + self.valid_months
        year, month = signed_at.year + month // 12, month % 12 + 1
        day = min(signed_at.day, calendar.monthrange(year, month)[1])
        return signed_at.replace(year=year, month=month, day=day)

    def as_json(self) -> dict[str, Any]:
        """The published file as JSON values, with all numbers filled in its texts; a new copy on each call."""
        document = copy.deepcopy(dict(self._document))
        for criterion, table in zip(self.criteria, document["criteria"], strict=True):
            table["right_answer"], table["wrong_answer"] = criterion.right_answer, criterion.wrong_answer
            table["sentences"]["rule"] = criterion.sentences.rule
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Rulesets:
    """The rulesets of one folder; an app uses a single instance for all lookups."""

    newest_first: tuple[Ruleset, ...]

    @classmethod
    def read(cls, folder: Path) -> "Rulesets":
        """Read all `*.toml` files of a folder.

        Raises:
            InvalidRuleset: there is no file, or some cannot be used; lists every error of every file.
        """
        found: list[Ruleset] = []
        faults: list[str] = []
        for path in sorted(folder.glob("*.toml")):
            try:
                ruleset = parse_ruleset(path.read_bytes().decode("utf-8", errors="replace"))
            except InvalidRuleset as unusable:
                faults += [f"{path.name}: {fault}" for fault in unusable.faults]
                continue
            if path.stem != ruleset.id:
                faults.append(f"{path.name}: the file must be called {ruleset.id}.toml, after its id")
            found.append(ruleset)
        if not found and not faults:
            faults.append(f"{folder.name}: there is no ruleset in this folder")
        if faults:
            raise InvalidRuleset(tuple(faults))
        return cls(tuple(sorted(found, key=lambda ruleset: (ruleset.published, ruleset.id), reverse=True)))

    @property
    def current(self) -> Ruleset:
        """The ruleset under which attestations are signed now: the latest one."""
        return self.newest_first[0]

    def load(self, ruleset_id: str) -> Ruleset:
        """The ruleset with this id; rulesets are never removed.

        Raises:
            NotFound: no ruleset with this id was published.
        """
        for ruleset in self.newest_first:
            if ruleset.id == ruleset_id:
                return ruleset
        raise NotFound("There are no published rules by that name.")

    def superseded_at(self, ruleset_id: str) -> datetime | None:
        """The last time at which attestations under this ruleset count; None if no newer ruleset ends them.

        Raises:
            NotFound: no ruleset with this id was published.
        """
        of_that_id = self.load(ruleset_id)
        newer = itertools.takewhile(lambda ruleset: ruleset is not of_that_id, self.newest_first)
        days = [ruleset.supersedes_after for ruleset in newer if ruleset.supersedes_after is not None]
        return datetime.combine(min(days), time.min, UTC) if days else None

    def counts_until(self, ruleset_id: str, valid_until: datetime) -> datetime:
        """The last time at which an attestation counts: its own date or the end by newer rules, whichever is earlier.

        Raises:
            NotFound: no ruleset with this id was published.
        """
        return earlier_end(valid_until, self.superseded_at(ruleset_id))


def earlier_end(valid_until: datetime, superseded_at: datetime | None) -> datetime:
    """The earlier of an attestation's own end and the end of its ruleset, if newer rules end it."""
    return valid_until if superseded_at is None else min(superseded_at, valid_until)


@functools.cache
def bundled_rulesets() -> Rulesets:
    """The rulesets that come with this package."""
    return Rulesets.read(Path(__file__).parent / "rulesets")


def parse_ruleset(text: str) -> Ruleset:
    """Parse and validate a ruleset in TOML.

    Raises:
        InvalidRuleset: the text is not TOML, or breaks the schema; lists all errors.
    """
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as broken:
        raise InvalidRuleset((f"this is not TOML: {broken}",)) from None
    faults: list[str] = []
    ruleset = _build_ruleset(TomlTable(document, "", faults), document)
    faults += _check_ruleset(ruleset)
    if faults:
        raise InvalidRuleset(tuple(faults))
    return ruleset


def _build_ruleset(table: TomlTable, document: Mapping[str, Any]) -> Ruleset:
    ruleset = Ruleset(
        id=table.text("id"),
        title=table.text("title"),
        published=table.date("published") or date.min,
        valid_months=table.whole("valid_months", 1, MAX_VALID_MONTHS),
        supersedes_after=table.date("supersedes_after", optional=True),
        source=schema.build_source(table.table("source")),
        weakest_link=table.text("weakest_link"),
        statement=table.text("statement"),
        criteria=tuple(schema.build_criterion(inner) for inner in table.tables("criteria")),
        details=tuple(schema.build_detail(inner) for inner in table.tables("details", optional=True)),
        checks=tuple(schema.build_cross_check(inner) for inner in table.tables("checks", optional=True)),
        _document=_to_json_value(document),
    )
    table.nothing_else()
    return ruleset


def _check_ruleset(ruleset: Ruleset) -> Iterator[str]:
    if not set(ruleset.id) <= _ID_CHARACTERS or len(ruleset.id) > MAX_ID_LENGTH:
        yield f"id must be at most {MAX_ID_LENGTH} small letters, digits, dots and hyphens"
    if ruleset.supersedes_after and ruleset.supersedes_after < ruleset.published + MIN_NOTICE:
        yield f"supersedes_after must be at least {MIN_NOTICE.days} days after published"
    yield from consistency.duplicate_keys([question.key for question in ruleset.questions])
    yield from consistency.duplicate_keys([check.key for check in ruleset.checks])
    for check in ruleset.checks:
        for sentence in consistency.check_references(check, ruleset.questions):
            yield f"checks {check.key}: {sentence}"


def _to_json_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _to_json_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_to_json_value(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
