"""The facts of an entry: what can be stated, and that saying the same in another order is saying the same."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories import make_entry

from directory.audit.chain import digest
from directory.errors import Invalid
from directory.listings.digest import listing_digest, listing_document
from directory.listings.facts import ListingFacts, describe_facts, diff_facts, summarize_facts
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES
from directory.listings.listing_data import ListingData
from directory.listings.tables import Listing
from directory.search.filters import declared

CODES = list(LANGUAGES)
SETS = st.sets(st.sampled_from(CODES), max_size=MAX_LANGUAGES)
FACTS = st.builds(
    lambda spoken, accepting: ListingFacts(tuple(spoken), accepting), SETS, st.sampled_from([True, False, None])
)


def row_of(entry: ListingData) -> Listing:
    """An entry as it would be stored."""
    row = Listing(id=1, slug="ann", source="provider")
    entry.write(row)
    return row


def test_what_can_be_stated_is_what_can_be_searched_for() -> None:
    assert declared("language").choices == LANGUAGES


def test_every_language_has_a_name_of_its_own() -> None:
    assert len(set(LANGUAGES.values())) == len(LANGUAGES)
    assert all(label and label.strip() == label for label in LANGUAGES.values())


@pytest.mark.parametrize("make", [ListingFacts, make_entry], ids=["facts", "entry"])
@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        (("en", "xx"), "Languages must be chosen from the list; 'xx' is not on it."),
        (("EN",), "'EN' is not on it."),
        (("",), "'' is not on it."),
        (("en ",), "'en ' is not on it."),
        (("x" * 1000,), f"'{'x' * 20}' is not on it."),
        (tuple(CODES[: MAX_LANGUAGES + 1]), "Languages may be at most 10; these are 11."),
        (tuple(CODES), "Languages may be at most 10; these are 20."),
    ],
)
def test_a_language_that_is_unknown_or_one_too_many_is_refused(
    make: type, codes: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make(languages=codes)
    [fault] = refused.value.faults
    assert fault.field == "languages"
    assert fault.detail.endswith(sentence)


def test_as_many_as_there_may_be_are_kept() -> None:
    most = tuple(CODES[-MAX_LANGUAGES:])
    assert row_of(make_entry(languages=most)).languages == list(most)


@given(spoken=SETS, order=st.randoms(use_true_random=False), again=st.integers(1, 3))
def test_in_whatever_order_and_however_often_it_is_the_same(spoken: set[str], order: object, again: int) -> None:
    mixed = [code for code in spoken for _ in range(again)]
    order.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis's randoms are random.Random
    one, other = (row_of(make_entry(name="Ann Example", languages=tuple(codes))) for codes in (sorted(spoken), mixed))
    assert one.languages == other.languages == [code for code in CODES if code in spoken]
    assert listing_digest(one) == listing_digest(other)


@given(before=FACTS, after=FACTS)
def test_what_changed_is_told_and_nothing_else(before: ListingFacts, after: ListingFacts) -> None:
    told = {change.short: (change.before, change.after) for change in diff_facts(before, after)}
    was, now = dict(describe_facts(before)), dict(describe_facts(after))
    assert told == {short: (was[short], now[short]) for short in was if was[short] != now[short]}
    assert ("Languages spoken" in told) == (set(before.languages) != set(after.languages))
    assert ("Takes new patients" in told) == (before.accepts_new_patients is not after.accepts_new_patients)


@pytest.mark.parametrize(
    ("accepting", "spoken", "short"),
    [
        (None, (), ()),
        (True, (), ("Takes new patients",)),
        (False, (), ("Takes no new patients now",)),
        (None, ("ase", "en"), ("Speaks English, American Sign Language",)),
        (False, ("es",), ("Takes no new patients now", "Speaks Spanish")),
    ],
)
def test_in_short_only_what_is_stated_is_said(
    accepting: bool | None, spoken: tuple[str, ...], short: tuple[str, ...]
) -> None:
    assert summarize_facts(ListingFacts(spoken, accepting)) == short


def test_not_stated_is_neither_yes_nor_no() -> None:
    assert len({describe_facts(ListingFacts((), said))[0] for said in (True, False, None)}) == 3
    assert describe_facts(ListingFacts()) == (("Takes new patients", "Not stated"), ("Languages spoken", "Not stated"))


def test_an_entry_that_states_nothing_keeps_the_hash_that_it_had() -> None:
    document = listing_document(row_of(make_entry()))
    assert not document.keys() & {"languages", "accepts_new_patients"}


def test_every_other_statement_has_another_hash() -> None:
    said = itertools.product((True, False, None), ((), ("en",), ("es",), ("en", "es")))
    hashes = [
        digest(
            listing_document(row_of(make_entry(name="Ann Example", accepts_new_patients=accepting, languages=spoken)))
        )
        for accepting, spoken in said
    ]
    assert len(set(hashes)) == 12
