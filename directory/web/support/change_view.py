"""How changes of a listing are shown to its owner and to reviewers: the difference word by word."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from directory.listings.changes import ADDRESSES, FieldChange, address_text
from directory.listings.word_diff import Words, diff_words


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One difference under its label; `field` is the name by which its owner takes it back."""

    field: str
    label: str
    words: tuple[Words, ...]


def shown_changes(changes: Iterable[FieldChange]) -> tuple[ShownChange, ...]:
    """Return the differences of these changes, each address for itself."""
    return tuple(shown for change in changes for shown in _shown(change))


def _shown(change: FieldChange) -> Iterator[ShownChange]:
    if change.field != ADDRESSES:
        yield ShownChange(change.field, change.short, diff_words(change.before, change.after))
        return
    old = {address["id"]: address_text(address) for address in change.old}
    for number, address in enumerate(change.new, 1):
        before = old.pop(address["id"], "")
        if before != address_text(address):
            yield ShownChange(ADDRESSES, f"Address {number}", diff_words(before, address_text(address)))
    for text in old.values():
        yield ShownChange(ADDRESSES, "Address removed", diff_words(text, ""))
    if _order_changed(change):
        order = ", then ".join(address["line1"] for address in change.new)
        yield ShownChange(ADDRESSES, "Order of the addresses", diff_words("", order))


def _order_changed(change: FieldChange) -> bool:
    kept = {address["id"] for address in change.new}
    before = [address["id"] for address in change.old if address["id"] in kept]
    after = [address["id"] for address in change.new if address["id"] in before]
    return before != after
