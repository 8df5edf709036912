"""Compares two texts word by word, so that a page can mark what was removed and what was added."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


class Kind(enum.StrEnum):
    """Whether words stay, are only in the old text, or only in the new one."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Words:
    """Consecutive words of one kind."""

    kind: Kind
    text: str


def diff_words(old: str, new: str) -> tuple[Words, ...]:
    """The words of both texts in order; what was removed comes before what replaces it."""
    return tuple(_diff(old.split(), new.split()))


def _diff(old: list[str], new: list[str]) -> Iterator[Words]:
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = " ".join(old[old_start:old_end]), " ".join(new[new_start:new_end])
        if tag == "equal":
            yield Words(Kind.SAME, added)
            continue
        if removed:
            yield Words(Kind.REMOVED, removed)
        if added:
            yield Words(Kind.ADDED, added)
