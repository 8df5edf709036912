"""The status list: the bit that was meant, and no other, for whoever reads it by the standard."""

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3.status import decode_encoded_list, set_indices

from directory.badges.status_list import FULL_AT, LIST_SIZE, encode

bits = st.sets(st.one_of(st.integers(0, LIST_SIZE - 1), st.sampled_from([0, 7, 8, 94567, LIST_SIZE - 1])), max_size=40)


@given(bits)
def test_another_implementation_reads_the_bits_that_were_set(revoked: set[int]) -> None:
    decoded = decode_encoded_list(encode(revoked))
    assert len(decoded) == LIST_SIZE // 8
    assert set_indices(decoded) == revoked


def test_the_first_bit_is_the_left_most() -> None:
    packed = base64.urlsafe_b64decode(encode([0]).removeprefix("u") + "==")
    assert gzip.decompress(packed)[:2] == b"\x80\x00"


def test_the_same_bits_give_the_same_text_in_any_order_and_any_year() -> None:
    assert encode([3, 1, 2]) == encode({1, 2, 3})
    packed = base64.urlsafe_b64decode(encode([1]).removeprefix("u") + "==")
    assert packed[4:8] == b"\0\0\0\0"
    assert packed[9] == 255


def test_the_text_has_no_padding() -> None:
    assert all("=" not in encode(range(count)) for count in range(0, 60, 7))


@pytest.mark.parametrize("index", [-1, LIST_SIZE, LIST_SIZE + 8])
def test_a_bit_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(IndexError):
        encode([index])


def test_a_list_is_as_long_as_the_standard_asks_and_closed_before_it_is_full() -> None:
    assert LIST_SIZE >= 131_072
    assert FULL_AT < LIST_SIZE
