"""Makes people who do not exist, as a directory of a whole country would list them: no two are the same."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from directory.duplicates.person_names import PersonName, first_name_shares, surname_shares
from directory.duplicates.record import Record

EVENNESS = 0.92
"""An exponent that makes names as even as those of providers: two of them share both names with a chance of 1.9 in
a million; of the whole people, more do."""

SAMPLE_SIZE = 40_000
NATION = 1_000_000


def simulated_people(records: Sequence[Record], count: int, *, seed: int) -> list[Record]:
    """Return `count` different people, each with the place of one of the `records` and the specialty of another."""
    random = np.random.default_rng(seed)
    people = [record for record in records if record.person]
    surnames, surname_odds = _odds(surname_shares())
    first_names, first_odds = _odds(first_name_shares())
    last = random.choice(len(surnames), count, p=surname_odds)
    first, middle = (random.choice(len(first_names), count, p=first_odds) for _ in range(2))
    middle_kind, phone_kind = random.random(count), random.random(count)
    place, work = (random.integers(len(people), size=count) for _ in range(2))
    house = random.integers(1, 400, size=count)
    made = []
    for index in range(count):
        full = first_names[middle[index]]
        middle_name = "" if middle_kind[index] < 0.25 else full[0] if middle_kind[index] < 0.7 else full
        worker = people[work[index]]
        address = replace(people[place[index]].addresses[0], house=str(house[index]), is_po_box=False)
        made.append(
            Record(
                id=index,
                person=PersonName(first_names[first[index]], middle_name, (surnames[last[index]],)),
                names=(),
                professions=worker.professions,
                specialty_code=worker.specialty_code,
                specialty=worker.specialty,
                addresses=(address,),
                phones=frozenset({f"555{index:07}"} if phone_kind[index] < 0.6 else ()),
            )
        )
    return made


def _odds(shares: dict[str, float]) -> tuple[list[str], "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    odds = np.array([max(share, 1e-6) for share in shares.values()]) ** EVENNESS
    return list(shares), odds / odds.sum()
