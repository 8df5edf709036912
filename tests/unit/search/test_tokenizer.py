"""The words of a text: the same however somebody types accents, capitals and apostrophes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search.tokenizer import MAX_WORD_LENGTH, tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dr. José O’Neil-Peña", ("dr", "jose", "oneil", "pena")),
        ("Dr. Jose O'Neil-Pena", ("dr", "jose", "oneil", "pena")),
        ("O`Neil", ("oneil",)),
        ("STRAßE Łódź Bjørn", ("strasse", "lodz", "bjorn")),
        ("Route 66, route 66", ("route", "66")),
        ("a_b", ("a", "b")),
        ("x" * (MAX_WORD_LENGTH + 5), ("x" * MAX_WORD_LENGTH,)),
        ("...", ()),
    ],
)
def test_words_are_bare_and_each_comes_once(text, words):
    assert tokenize(text) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_has_the_same_words_beside_a_word_with_accents(text):
    assert tokenize(f"{text} é") == tuple(dict.fromkeys((*tokenize(text), "e")))


@given(st.text())
def test_the_tokenize_words_are_the_same_words(text):
    words = tokenize(text)
    assert tokenize(" ".join(words)) == words
