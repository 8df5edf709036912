"""Finds the pairs of listings that are worth comparing: those that have a key in common."""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from directory.duplicates.clinic_names import Name, WordWeights
from directory.duplicates.person_names import first_name_share, full_first_names, sound
from directory.duplicates.record import Record

MAX_BLOCK = 200
"""Keys that more listings have distinguish too little; their pairs are found by another key or not at all."""

RARE_FIRST_NAME = 2e-4
"""A first name that fewer people have is a key together with the state."""


def pairs_to_compare(
    records: Sequence[Record], weights: WordWeights, *, max_block: int = MAX_BLOCK
) -> Iterator[tuple[Record, Record]]:
    """Yield each pair of listings of the same kind that has a key in common, once."""
    # Only the hashes of the keys are kept: 12 bytes for a key of a listing, of about 30.
    hashes, positions = array("q"), array("i")
    for position, record in enumerate(records):
        for key in keys_of(record, weights):
            hashes.append(hash(key))
            positions.append(position)
    for one, other in _pairs_of_equal(np.asarray(hashes), np.asarray(positions), len(records), max_block):
        if (records[one].person is None) == (records[other].person is None):
            yield records[one], records[other]


def _pairs_of_equal(hashes: np.ndarray, positions: np.ndarray, total: int, max_block: int) -> Iterator[tuple[int, int]]:
    """Yield each pair of positions that has a hash in common with at most `max_block` positions, in order."""
    order = np.argsort(hashes, kind="stable")
    hashes, positions = hashes[order], positions[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.empty(0, int)
    sizes = np.diff(np.r_[starts, len(hashes)])
    pairs = array("q")
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        if size <= max_block:
            block = positions[start : start + size].tolist()
            pairs.extend(one * total + other for one, other in combinations(block, 2))
    for pair in np.unique(np.asarray(pairs)).tolist():
        yield divmod(pair, total)


def keys_of(record: Record, weights: WordWeights) -> set[Hashable]:
    """Return the keys of a listing."""
    return set(_person_keys(record) if record.person else _clinic_keys(record, weights))


def _person_keys(record: Record) -> Iterator[Hashable]:
    person = record.person
    if person is None:
        return
    first, middle, last = person.first, person.middle, person.last
    yield "surname", last, first[:1]
    yield "both", *sorted((first, last))
    yield "start", last[:4], first
    for part in (*person.surname_parts, last, *([middle] if len(middle) > 1 else [])):
        yield "part", part, first
    for name in full_first_names(first):
        yield "nickname", name, last
    if len(middle) > 1:
        yield "by middle name", middle, last
        yield "first, middle, specialty", first, middle, record.specialty_code
    yield "by middle name", first, last
    for phone in record.phones:
        yield "phone", phone, first[:1]
        yield "phone and surname", phone, last[:2]
    yield from _person_place_keys(record, first, middle, last, person.surname_parts)


def _person_place_keys(record: Record, first: str, middle: str, last: str, parts: Iterable[str]) -> Iterator[Hashable]:
    sounds = sound(last)
    for address in record.addresses:
        state, zip_code = address.state, address.zip_code
        yield "sound", sounds[:5], first[:1], state
        yield "first and sound", first, sounds[:3], state
        yield "end", last[-6:], first, state
        yield "surname, area", last, zip_code[:3]
        yield "first, area, sound", first, sounds[:4], zip_code[:3]
        yield "first, initial, area, specialty", first, middle[:1], zip_code[:3], record.specialty_code
        yield "first, ZIP", first, zip_code
        for part in parts:
            yield "part, state", part, first[:3], state
        for name in full_first_names(first):
            yield "nickname, ZIP", name, zip_code, sounds[:1]
        if address.house:
            yield "house", address.house, zip_code, first[:1]
            yield "house and surname", address.house, zip_code, last[:2]
        if middle:
            yield "first, middle, state", first, middle, state
        if len(first) > 2 and first_name_share(first) < RARE_FIRST_NAME:
            yield "rare first, state", first, state
            yield "rare first, specialty", first, record.specialty_code


def _clinic_keys(record: Record, weights: WordWeights) -> Iterator[Hashable]:
    for name in record.names:
        yield "name", *sorted(name)
        yield from _word_keys(record, name, weights)
    for address in record.addresses:
        if address.house:
            yield "house", address.house, address.zip_code
            yield "house and street", address.house, *address.street[:1], address.state
    for phone in record.phones:
        yield "phone", phone


def _word_keys(record: Record, name: Name, weights: WordWeights) -> Iterator[Hashable]:
    rarest = sorted(name, key=weights.weight, reverse=True)[:3]
    for word in rarest[:2]:
        if weights.is_rare(word):
            yield "rare word", word
    for address in record.addresses:
        yield "start", "".join(name)[:9], address.state
        for word in rarest:
            yield "word, state", word, address.state
            yield "word, ZIP", word[:5], address.zip_code
