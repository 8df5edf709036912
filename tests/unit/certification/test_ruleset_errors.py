"""A planted fault is refused with all the sentences that `planted_faults.txt` lists, in their order, and no other.

There, `-` is text of the shipped rules, `+` what is put in its place, and `!` a fault that it makes.
"""

from pathlib import Path

import pytest

from directory.certification.ruleset import MAX_ID_LENGTH, InvalidRuleset, Rulesets, parse_ruleset

TEXT = (Path(__file__).parents[3] / "directory/certification/rulesets/bma-2021.1.toml").read_text("utf-8")
BLOCKS = (Path(__file__).parent / "planted_faults.txt").read_text("utf-8").strip().split("\n\n")


def part(block: str, mark: str) -> list[str]:
    return [line[1:] for line in block.split("\n") if line[0] == mark]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_planted_fault_is_refused_in_these_words_and_no_other(block: str) -> None:
    old, new = ("\n".join(part(block, mark)) for mark in "-+")
    assert old in TEXT, "the planted fault must be planted"
    with pytest.raises(InvalidRuleset) as refused:
        parse_ruleset(TEXT.replace(old, new, 1))
    assert list(refused.value.faults) == part(block, "!")
    assert str(refused.value) == "\n".join(part(block, "!"))


def test_what_is_no_toml_is_refused_as_that() -> None:
    with pytest.raises(InvalidRuleset) as refused:
        parse_ruleset("id = ")
    assert refused.value.faults == ("this is not TOML: Invalid value (at end of document)",)


def test_limits_hold_to_the_last_value_that_they_allow() -> None:
    """What stands beside each fault: the nearest value that is none."""
    for old, new in (
        ("valid_months = 12", "valid_months = 60"),
        ("valid_months = 12", "valid_months = 1"),
        ("published = 2026-11-22", "published = 2026-11-22\nsupersedes_after = 2027-01-21"),
        ('id = "bma-2021.1"', f'id = "{"a" * MAX_ID_LENGTH}"'),
        ('id = "bma-2021.1"', 'id = "abcdefghijklmnopqrstuvwxyz0123456789.-"'),
        ("decimals = 1\nlimits = { at_least = 0.1", "decimals = 3\nlimits = { at_least = 0.1"),
        ("decimals = 1\nlimits = { at_least = 0.1", "decimals = 1\nlimits = { at_least = 0"),
        ("decimals = 1\nlimits = { at_least = 0.1", "decimals = 0\nlimits = { at_least = 1"),
        ('key = "cell_count"', 'key = "abcdefghijklmnopqrstuvwxyz_0123456789"'),
        ('key = "cell_count"', 'key = "c1"'),
        ("at_least = 0.1, at_most = 200", "at_least = 10, at_most = 30"),
        ("at_least = 1, at_most = 2000", "at_least = 1, at_most = 1"),
        ("right = { at_most = 10 }", "right = { at_most = 29.9 }"),
        ("right = { at_least = 5, at_most = 15 }", "right = { at_least = 15, at_most = 15 }"),
        ("wrong = { none = true }", "wrong = { none = true, how_often = ['sometimes'] }"),
        ("wrong = { none = true }", "wrong = { any_of = ['ct'], how_often = ['sometimes'] }"),
    ):
        assert old in TEXT
        parse_ruleset(TEXT.replace(old, new, 1))


def test_every_fault_of_every_file_of_a_folder_is_listed(tmp_path: Path) -> None:
    for name, old in (("one", "valid_months = 12"), ("two", 'title = "How')):
        (tmp_path / f"{name}.toml").write_text(TEXT.replace(old, f"no_{old}", 1), "utf-8")
    (tmp_path / "three.toml").write_text(TEXT, "utf-8")
    with pytest.raises(InvalidRuleset) as refused:
        Rulesets.read(tmp_path)
    assert refused.value.faults == (
        "one.toml: valid_months must be a whole number from 1 to 60",
        "one.toml: no_valid_months is not a key that belongs here",
        "three.toml: the file must be called bma-2021.1.toml, after its id",
        "two.toml: title is missing",
        "two.toml: no_title is not a key that belongs here",
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidRuleset, match=r"^empty: there is no ruleset in this folder$"):
        Rulesets.read(empty)
