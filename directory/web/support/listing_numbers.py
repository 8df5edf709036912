"""Numbers of listings as staff type them."""

import re

_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_LARGEST = 2_147_483_647
"""The largest integer of both databases."""


def parse_listing_number(text: str | None) -> int | None:
    """Return the number of a listing, or None if the text is not one."""
    typed = (text or "").strip()
    return int(typed) if _NUMBER.fullmatch(typed) and int(typed) <= _LARGEST else None
