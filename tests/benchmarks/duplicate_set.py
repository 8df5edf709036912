"""Reads a labelled set of listings: which pairs are the same provider."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from directory.duplicates.addresses import parse_address
from directory.duplicates.clinic_names import clinic_names
from directory.duplicates.person_names import person_name
from directory.duplicates.record import Record, phone_digits, professions

Pair = tuple[int, int]
"""The positions of two records, the smaller first."""


@dataclass(frozen=True, slots=True)
class DuplicateSet:
    """A set of listings; `same` are the pairs that are the same provider, `undecided` those that nobody can tell.

    `entities` and `is_real` say of each record which provider it is, and whether it is as a register has it.
    """

    records: list[Record]
    entities: list[str]
    is_real: list[bool]
    same: set[Pair]
    undecided: set[Pair]
    rows: list[dict[str, str]]

    def group(self, pair: Pair) -> str:
        """Return which of the goals a pair counts for."""
        if self.records[pair[0]].person is None:
            return "clinics"
        return "people, real" if self.is_real[pair[0]] and self.is_real[pair[1]] else "people, derived"


def read_set(folder: Path) -> DuplicateSet:
    """Read the files of a folder: `records.csv`, `entities.csv`, `exceptions.csv` and `pairs.csv`.

    Two listings are the same if they belong to one entity. The labels of exceptions and pairs win over that.
    """
    rows = _rows(folder / "records.csv")
    position = {row["rid"]: index for index, row in enumerate(rows)}
    entity_of = {row["rid"]: row["entity"] for row in _rows(folder / "entities.csv")}
    members = defaultdict(list)
    for row in rows:
        members[entity_of[row["rid"]]].append(position[row["rid"]])
    same = {pair for each in members.values() for pair in combinations(each, 2)}
    undecided: set[Pair] = set()
    for name in ("pairs.csv", "exceptions.csv"):
        for row in _rows(folder / name):
            one, other = sorted((position[row["rid_a"]], position[row["rid_b"]]))
            same.discard((one, other))
            undecided.discard((one, other))
            if row["label"] == "1":
                same.add((one, other))
            elif row["label"] == "-1":
                undecided.add((one, other))
    records = [_record(index, row) for index, row in enumerate(rows)]
    is_real = [row["origin"] == "real" for row in rows]
    return DuplicateSet(records, [entity_of[row["rid"]] for row in rows], is_real, same, undecided, rows)


def _record(index: int, row: dict[str, str]) -> Record:
    is_person = row["kind"] == "person"
    address = parse_address(
        row["address1"],
        row["address2"],
        row["city"],
        row["state"],
        row["zip5"].zfill(5) if row["zip5"] else "",
        lat=float(row["lat"]) if row["lat"] else None,
        lon=float(row["lon"]) if row["lon"] else None,
    )
    name = person_name(row["first_name"], row["middle_name"], row["last_name"], row["suffix"])
    phone = phone_digits(row["phone"])
    return Record(
        id=index,
        person=name if is_person else None,
        names=() if is_person else clinic_names(row["org_name"]),
        professions=professions(row["credentials"]),
        specialty_code=row["specialty_code"],
        specialty=" ".join(row["specialty_text"].lower().split()),
        addresses=(address,),
        phones=frozenset({phone} if phone else ()),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
