"""Tables of records for reviewers: filters with their counts, pages, and all rows for an export."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.interfaces import ORMOption

Condition = sa.ColumnElement[bool]

MAX_COUNTED = 10_000
"""Records up to which is counted; more take long, and nobody looks through them. Arbitrary."""

BATCH = 500
"""Records that an export reads at a time; arbitrary."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter.

    Attributes:
        value: the value in the URL.
        label: the words for it.
        where: the SQL condition, made when it is needed, because it may need a query of its own.
        counted: whether its count is shown; not where the condition costs much.
        is_rare: whether few records of a large table meet the condition.
        beside_rare: the same condition in a form that uses no index, for use beside a rare one: without statistics,
            SQLite would take the index that most records are in.
    """

    value: str
    label: str
    where: Callable[[], Condition]
    counted: bool = True
    is_rare: bool = False
    beside_rare: Callable[[], Condition] | None = None


@dataclass(frozen=True, slots=True)
class TableFilter:
    """A filter, of which one choice applies at a time; without `counted`, its choices have no counts."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    counted: bool = True

    def choice(self, value: str) -> Choice | None:
        """Return the choice with this value, if there is one."""
        return next((each for each in self.choices if each.value == value), None)


@dataclass(frozen=True, slots=True)
class TableOrder:
    """An order of the records, with its label; the last column makes it unambiguous."""

    label: str
    columns: tuple[sa.ColumnElement[Any], ...]


@dataclass(frozen=True)
class RecordTable:
    """A table of records of one class.

    The number of statements does not depend on the number of records: one for the total, one for the counts of all
    filters, two for a page.

    Attributes:
        record: the mapped class.
        joins: relationships that the conditions and the order need.
        filters: the filters by which it can be narrowed.
        orders: the orders by name, the default first.
        options: how the records of a page are loaded.
        searched: the condition of the search; None for all records.
    """

    record: Any
    filters: tuple[TableFilter, ...]
    orders: Mapping[str, TableOrder]
    joins: tuple[InstrumentedAttribute[Any], ...] = ()
    options: tuple[ORMOption, ...] = ()
    searched: Condition | None = None

    def chosen(self, values: Mapping[str, str]) -> dict[str, Choice]:
        """Return the choices that are named in `values`, by filter; unknown ones are ignored."""
        found = {each.name: each.choice(values.get(each.name, "")) for each in self.filters}
        return {name: choice for name, choice in found.items() if choice is not None}

    def order(self, name: str) -> TableOrder:
        """Return the order with this name, or the default."""
        return self.orders.get(name) or next(iter(self.orders.values()))

    def total(self, session: Session, chosen: Mapping[str, Choice]) -> int:
        """Return the number of records, however many there are."""
        wanted = self._select(sa.select(sa.func.count(self.record.id)), _conditions(chosen))
        return session.scalar(wanted) or 0

    def count(self, session: Session, chosen: Mapping[str, Choice]) -> int:
        """Return the number of records, or one more than `MAX_COUNTED`."""
        return session.scalar(self._count(_conditions(chosen))) or 0

    def counts(self, session: Session, chosen: Mapping[str, Choice]) -> dict[str, dict[str, int]]:
        """Return how many records each choice would show, with the chosen values of the other filters, by filter.

        Each is counted as `count` does.
        """
        wanted = {
            (each.name, choice.value): self._count(_conditions({**chosen, each.name: choice})).scalar_subquery()
            for each in self.filters
            if each.counted
            for choice in each.choices
            if choice.counted
        }
        labeled = (subquery.label(f"c{number}") for number, subquery in enumerate(wanted.values()))
        row = session.execute(sa.select(*labeled)).one()
        found: dict[str, dict[str, int]] = {}
        for (name, value), number in zip(wanted, row, strict=True):
            found.setdefault(name, {})[value] = number
        return found

    def page(
        self, session: Session, chosen: Mapping[str, Choice], order: TableOrder, *, limit: int, offset: int
    ) -> Sequence[Any]:
        """Return the records of a page."""
        wanted = self._select(sa.select(self.record), _conditions(chosen))
        # The ids are found first, so that no large row is read only to be skipped.
        ids = wanted.with_only_columns(self.record.id).order_by(*order.columns).limit(limit).offset(offset)
        found = session.scalars(ids).all()
        rows = session.scalars(sa.select(self.record).where(self.record.id.in_(found)).options(*self.options)).all()
        by_id = {row.id: row for row in rows}
        return [by_id[record_id] for record_id in found if record_id in by_id]

    def batches(self, session: Session, chosen: Mapping[str, Choice]) -> Iterator[Sequence[Any]]:
        """Yield all records in batches, the oldest first."""
        last, conditions = 0, _conditions(chosen)
        while True:
            wanted = self._select(sa.select(self.record), [*conditions, self.record.id > last])
            rows = session.scalars(wanted.order_by(self.record.id).limit(BATCH).options(*self.options)).all()
            if not rows:
                return
            yield rows
            last = rows[-1].id

    def _count(self, conditions: Iterable[Condition]) -> sa.Select[int]:
        few = self._select(sa.select(self.record.id), conditions).limit(MAX_COUNTED + 1).subquery()
        return sa.select(sa.func.count()).select_from(few)

    def _select(self, wanted: sa.Select[Any], conditions: Iterable[Condition]) -> sa.Select[Any]:
        wanted = wanted.select_from(self.record)
        for relationship in self.joins:
            wanted = wanted.join(relationship)
        searched = [self.searched] if self.searched is not None else []
        return wanted.where(*searched, *conditions)


def is_one_of(session: Session, column: InstrumentedAttribute[int], ids: Iterable[int], name: str) -> Condition:
    """SQL condition: the column is one of any number of ids, which a statement contains once however often it asks.

    `name` is the name of the common table expression.
    """
    listed = sorted(set(ids))
    each: sa.ColumnElement[int] = sa.func.json_each(json.dumps(listed)).table_valued("value").c.value
    if session.get_bind().dialect.name == "postgresql":
        each = sa.cast(sa.func.jsonb_array_elements_text(sa.cast(listed, JSONB)), sa.Integer)
    return column.in_(sa.select(sa.select(each.label("id")).cte(name).c.id))


def contains(text: str, *columns: InstrumentedAttribute[Any]) -> Condition:
    """SQL condition: each word of a text is contained in one of the columns, in upper or lower case."""
    words = text.lower().replace("\0", "").split()
    return sa.and_(
        sa.true(),
        *(sa.or_(*(sa.func.lower(each).contains(word, autoescape=True) for each in columns)) for word in words),
    )


def _conditions(chosen: Mapping[str, Choice]) -> list[Condition]:
    has_rare = any(choice.is_rare for choice in chosen.values())
    return [
        choice.beside_rare() if has_rare and choice.beside_rare is not None else choice.where()
        for choice in chosen.values()
    ]
