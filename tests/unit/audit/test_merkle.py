"""The Merkle tree: the vectors of RFC 6962, and every proof of every small tree against the definition itself."""

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.audit.merkle import (
    EMPTY_ROOT,
    IncrementalTree,
    consistency_proof,
    inclusion_proof,
    merkle_root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = {
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "a": "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c",
    "ab": "b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb",
    "abc": "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1",
}

# The leaves and roots that the reference implementation of certificate transparency is tested with.
REFERENCE_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

LARGEST = 17
"""Leaves of the trees that are tried whole: past two powers of two."""

LEAVES = [bytes([number]) for number in range(LARGEST)]


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = max(2**power for power in range(10) if 2**power < len(leaves))
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def every_proof(size: int) -> list[tuple[bytes, ...]]:
    """Every sequence of nodes of the tree that could be a proof: the oracle takes the only one that convinces."""
    nodes = {by_definition(LEAVES[low:high]) for low in range(size) for high in range(low + 1, size + 1)}
    return [proof for length in range(5) for proof in itertools.product(sorted(nodes), repeat=length)]


@pytest.mark.parametrize("leaves", VECTORS)
def test_the_vectors_of_the_rfc_pass(leaves: str) -> None:
    assert merkle_root(letter.encode() for letter in leaves).hex() == VECTORS[leaves]


@pytest.mark.parametrize("count", range(1, len(REFERENCE_LEAVES) + 1))
def test_the_vectors_of_certificate_transparency_pass(count: int) -> None:
    assert merkle_root(REFERENCE_LEAVES[:count]).hex() == REFERENCE_ROOTS[count - 1]


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_a_growing_tree_has_the_root_of_the_definition_at_each_size(leaves: list[bytes]) -> None:
    tree = IncrementalTree()
    assert tree.root() == EMPTY_ROOT
    for count, data in enumerate(leaves, 1):
        tree.add(data)
        assert tree.root() == by_definition(leaves[:count])


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_of_every_tree_is_proved_and_no_other_is(size: int) -> None:
    leaves, top = LEAVES[:size], by_definition(LEAVES[:size])
    for index in range(size):
        proof = inclusion_proof(index, leaves)
        believed = [
            (data, at)
            for data in (*LEAVES, b"")
            for at in range(-1, size + 1)
            if verify_inclusion(data, at, size, proof, top)
        ]
        assert believed == [(leaves[index], index)]


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_tree_is_proved_to_have_grown_out_of_each_smaller_one_and_of_nothing_else(size: int) -> None:
    leaves, top = LEAVES[:size], by_definition(LEAVES[:size])
    for old in range(1, size + 1):
        proof = consistency_proof(old, leaves)
        believed = [
            (claimed, kept)
            for claimed in range(-1, size + 2)
            for kept in range(size + 1)
            if verify_consistency(claimed, by_definition(leaves[:kept]), size, top, proof)
        ]
        assert believed == [(old, old)]


@pytest.mark.parametrize("size", range(1, 6))
def test_no_other_nodes_of_the_tree_prove_anything(size: int) -> None:
    leaves, top = LEAVES[:size], by_definition(LEAVES[:size])
    for index in range(size):
        proofs = [proof for proof in every_proof(size) if verify_inclusion(leaves[index], index, size, proof, top)]
        assert proofs == [tuple(inclusion_proof(index, leaves))]
    for old in range(1, size + 1):
        smaller = by_definition(leaves[:old])
        proofs = [proof for proof in every_proof(size) if verify_consistency(old, smaller, size, top, proof)]
        assert proofs == [tuple(consistency_proof(old, leaves))]


@given(st.integers(1, 60), st.data())
def test_a_proof_with_one_changed_bit_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = [number.to_bytes(2) for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    top = merkle_root(leaves)
    proved, grown = inclusion_proof(index, leaves), consistency_proof(old, leaves)
    assert verify_inclusion(leaves[index], index, size, proved, top)
    assert verify_consistency(old, merkle_root(leaves[:old]), size, top, grown)
    for proof in (proved, grown):
        if proof:
            at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
            proof[at] = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
    assert not proved or not verify_inclusion(leaves[index], index, size, proved, top)
    assert not grown or not verify_consistency(old, merkle_root(leaves[:old]), size, top, grown)


@pytest.mark.parametrize("proof", [(), (b"\x00" * 32,)])
def test_what_no_tree_has_is_not_proved(proof: tuple[bytes, ...]) -> None:
    for size in (0, -1):
        assert not verify_inclusion(b"a", 0, size, proof, EMPTY_ROOT)
        assert not verify_consistency(0, EMPTY_ROOT, size, EMPTY_ROOT, proof)
    with pytest.raises(IndexError, match=r"^a tree of 0 leaves has no leaf 0$"):
        inclusion_proof(0, [])
    for old in (0, 3):
        with pytest.raises(IndexError, match=rf"^a tree of 2 leaves did not grow out of one of {old}$"):
            consistency_proof(old, LEAVES[:2])
