"""The Merkle tree of RFC 6962: its root, inclusion proofs and consistency proofs."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def hash_leaf(data: bytes) -> bytes:
    """Return the hash of a leaf; its prefix makes it differ from the hash of any inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class IncrementalTree:
    """A tree to which leaves are added one by one; it stores at most one hash per level."""

    def __init__(self) -> None:
        self._whole: list[tuple[int, bytes]] = []
        """Complete subtrees from left to right, each smaller than the previous one, as (number of leaves, hash)."""

    def add(self, data: bytes) -> None:
        """Append one leaf."""
        size, top = 1, hash_leaf(data)
        while self._whole and self._whole[-1][0] == size:
            size, top = size * 2, hash_node(self._whole.pop()[1], top)
        self._whole.append((size, top))

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        if not self._whole:
            return EMPTY_ROOT
        *others, (_, top) = self._whole
        for _, left in reversed(others):
            top = hash_node(left, top)
        return top


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root of `leaves`, in order."""
    tree = IncrementalTree()
    for data in leaves:
        tree.add(data)
    return tree.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that `leaves[index]` (from 0) is in the tree: the siblings from the leaf up to the root.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves has no leaf {index}")
    if len(leaves) == 1:
        return []
    half = _split_point(len(leaves))
    if index < half:
        return [*inclusion_proof(index, leaves[:half]), merkle_root(leaves[half:])]
    return [*inclusion_proof(index - half, leaves[half:]), merkle_root(leaves[:half])]


def consistency_proof(size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that the tree of the first `size` leaves is a prefix of the tree of all leaves.

    Raises:
        IndexError: `size` is not between 1 and the number of leaves.
    """
    if not 0 < size <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves did not grow out of one of {size}")
    return _subproof(size, leaves, is_whole=True)


def _subproof(size: int, leaves: Sequence[bytes], *, is_whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if is_whole else [merkle_root(leaves)]
    half = _split_point(len(leaves))
    if size <= half:
        return [*_subproof(size, leaves[:half], is_whole=is_whole), merkle_root(leaves[half:])]
    return [*_subproof(size - half, leaves[half:], is_whole=False), merkle_root(leaves[:half])]


def _split_point(count: int) -> int:
    """Return the largest power of two that is smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def verify_inclusion(data: bytes, index: int, size: int, proof: Sequence[bytes], top: bytes) -> bool:
    """Return whether `proof` shows that `data` is leaf `index` of the tree of `size` leaves with the root `top`.

    Implements RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    turns = list(_left_siblings(index, size - 1))
    if len(turns) != len(proof):
        return False
    found = hash_leaf(data)
    for is_left, sibling in zip(turns, proof, strict=True):
        found = hash_node(sibling, found) if is_left else hash_node(found, sibling)
    return found == top


def verify_consistency(old_size: int, old_top: bytes, size: int, top: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the tree of `size` leaves begins with that of `old_size` leaves.

    Implements RFC 9162, 2.1.4.2.
    """
    if old_size == size:
        return size > 0 and not proof and old_top == top
    if not 0 < old_size < size:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    # If the old tree is a complete subtree, its root is the start node, which the proof leaves out.
    start, *siblings = [old_top, *proof] if at == 0 else [*proof] or [b""]
    turns = list(_left_siblings(at, last))
    if len(turns) != len(siblings):
        return False
    old = new = start
    for is_left, sibling in zip(turns, siblings, strict=True):
        old = hash_node(sibling, old) if is_left else old
        new = hash_node(sibling, new) if is_left else hash_node(new, sibling)
    return (old, new) == (old_top, top)


def _left_siblings(at: int, last: int) -> Iterator[bool]:
    """Yield for each level up to the root whether the sibling is on the left.

    Starts from node `at` of a level whose last node is `last`.
    """
    while last:
        is_left = bool(at & 1) or at == last
        yield is_left
        # The last node of an odd level has no sibling and moves up unchanged.
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
