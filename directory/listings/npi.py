"""Checks the check digit of a National Provider Identifier (NPI); it does not prove that the NPI is assigned."""

NPI_LENGTH = 10
_PREFIX_SUM = 24
"""The contribution of the constant prefix 80840 to the Luhn sum (45 CFR 162.406; CMS, NPI check digit)."""


def is_valid_npi(text: str) -> bool:
    """Whether the text is a valid NPI: ten digits, first digit 1 or 2, Luhn check digit over 80840 and the rest."""
    if len(text) != NPI_LENGTH or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    total = _PREFIX_SUM
    for index, character in enumerate(text):
        digit = int(character)
        if index % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0
