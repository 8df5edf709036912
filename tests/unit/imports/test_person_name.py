"""Credentials that somebody typed into a field of the name."""

import pytest

from directory.imports.person_name import split_credentials


@pytest.mark.parametrize(
    ("typed", "name", "credential"),
    [
        ("SMITH MD", "SMITH", "MD"),
        ("SMITH, M.D.", "SMITH", "M.D."),
        ("SMITH,MD", "SMITH", "MD"),
        ("SMITH M D", "SMITH", "M D"),
        ("SMITH MD PHD", "SMITH", "MD PHD"),
        ("SMITH D.O.", "SMITH", "D.O."),
        ("SMITH, DO", "SMITH", "DO"),
        ("SMITH PA-C", "SMITH", "PA-C"),
        ("SMITH DO", "SMITH DO", ""),
        ("DE LA CRUZ", "DE LA CRUZ", ""),
        ("MD", "MD", ""),
        ("DO", "DO", ""),
        ("NG PA", "NG PA", ""),
        ("", "", ""),
    ],
)
def test_a_last_name_loses_its_credentials_and_no_name(typed, name, credential):
    found, of_name = split_credentials(typed)
    assert (found, of_name.replace(" ", "")) == (name, credential.replace(" ", ""))


@pytest.mark.parametrize(
    ("typed", "suffix", "credential"),
    [
        ("JR.", "JR.", ""),
        ("MD", "", "MD"),
        ("JR MD", "JR", "MD"),
        ("DO", "", "DO"),
        ("III, PHD", "III", "PHD"),
        ("", "", ""),
    ],
)
def test_a_suffix_may_be_a_credential_as_a_whole(typed, suffix, credential):
    assert split_credentials(typed, is_suffix=True) == (suffix, credential)
