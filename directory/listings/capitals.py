"""Turns the registry's capitals into names and addresses as people write them."""

import re

_KEEP = frozenset(
    "II III IV MD DO PA PC PLLC LLC LLP PLC DPM NP RN USA US VA UC UCLA UCSF NYU LSU NW NE SW SE N S E W PO".split()
)
_SMALL = frozenset("of the and for at in on de del la las los van von der du".split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ORDINAL = re.compile(r"\d+(ST|ND|RD|TH)", re.IGNORECASE)


def as_name(text: str) -> str:
    """“MCDONALD ORTHOPAEDICS OF THE PLAINS LLC” as “McDonald Orthopaedics of the Plains LLC”."""
    return _written(text, small=True)


def as_address(text: str) -> str:
    """“2828 HIGHWAY 31 S STE 112” as “2828 Highway 31 S Ste 112”."""
    return _written(text, small=False)


def _written(text: str, *, small: bool) -> str:
    text = " ".join(text.split())
    # What is written in both cases already was written with care.
    if any(letter.islower() for letter in text):
        return text
    return _WORD.sub(lambda found: _word(found[0], first=found.start() == 0, small=small), text)


def _word(word: str, *, first: bool, small: bool) -> str:
    if word in _KEEP:
        return word
    if small and not first and word.lower() in _SMALL:
        return word.lower()
    if _ORDINAL.fullmatch(word):
        return word.lower()
    if any(character.isdigit() for character in word):
        return word
    if word.startswith("MC") and len(word) > 3:
        return "Mc" + word[2:].capitalize()
    head, mark, tail = re.match(r"([^'’]+)(['’]?)(.*)", word, re.DOTALL).groups()  # type: ignore[union-attr]  # a word matches
    return head.capitalize() + mark + (tail.capitalize() if len(head) == 1 else tail.lower())
