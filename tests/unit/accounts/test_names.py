"""The limits of a person's name."""

import pytest

from directory.accounts.names import MAX_NAME_LENGTH, check_name


@pytest.mark.parametrize("name", ["O", "Ada Lovelace", "Ó Súilleabháin-D'Arcy", "García Márquez", "李", "n" * 200])
def test_names_of_any_length_and_script_are_taken(name: str) -> None:
    assert check_name(name) == ""


@pytest.mark.parametrize("name", ["", " ", "n" * 201, "a\0b", "a\nb", "\u202eada", "🦴", "12", "..."])
def test_what_is_no_name_is_refused_with_a_sentence(name: str) -> None:
    assert check_name(name).endswith(".")
    assert MAX_NAME_LENGTH == 200
