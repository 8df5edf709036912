"""Labels: the weakest speaks, and nothing that was not stated has one."""

import itertools

import pytest

from directory.evidence.labels import Label, label_answers, summarize_labels, weakest_label

KEYS = ("a", "b", "c", "d")


@pytest.mark.parametrize("count", range(5))
def test_the_whole_is_as_strong_as_its_weakest_answer(count: int) -> None:
    for seen in itertools.combinations(KEYS, count):
        expected = Label.DOCUMENT_SEEN if count == len(KEYS) else Label.STATED
        assert weakest_label(label_answers(KEYS, seen)) is expected


def test_where_nothing_is_stated_nothing_was_seen() -> None:
    assert label_answers([], {"a"}) == {}
    assert weakest_label({}) is Label.STATED


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ((), ""),
        (("a",), "A reviewer saw documents for 1 of 4 answers."),
        (("a", "b"), "A reviewer saw documents for 2 of 4 answers."),
        (KEYS, "A reviewer saw documents for all 4 answers."),
    ],
)
def test_it_is_said_for_how_many(seen: tuple[str, ...], sentence: str) -> None:
    assert summarize_labels(label_answers(KEYS, seen)) == sentence


def test_no_label_promises_more_than_a_look() -> None:
    words = " ".join(label.words + label.value for label in Label).lower()
    assert not any(word in words for word in ("verif", "approv", "accredit", "safe", "best"))
