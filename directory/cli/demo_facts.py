"""What those in the demonstration state of languages and new patients; the same at every load, and none of it is so."""

import random
from dataclasses import replace

from directory.listings.facts import Facts
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES

SEED = 20261123
"""Another than the cast's, so that stating something changes nothing else of the story."""

IN_A_HUNDRED = {
    "es": 28, "zh": 5, "tl": 3, "vi": 3, "ar": 3, "fr": 4, "ko": 3, "ru": 3, "pt": 3, "ht": 2, "hi": 6, "pl": 2,
    "de": 3, "it": 2, "ur": 2, "fa": 2, "ja": 2, "ase": 4, "hmn": 1,
}  # fmt: skip
"""How many of a hundred speak it; arbitrary, so that each can be found and none is everywhere."""

SPANISH = frozenset({"AZ", "CA", "FL", "NM", "NV", "NY", "PR", "TX"})
"""Where every second one speaks Spanish."""


def facts_of(number: int, state: str) -> Facts:
    """What a character states; some state nothing of one or the other."""
    chance = random.Random(f"{SEED} {number}")  # noqa: S311  no secret: made-up people, the same at each load
    accepting = chance.choices((True, False, None), weights=(68, 14, 18))[0]
    if chance.random() < 0.15:
        return Facts((), accepting)
    odds = IN_A_HUNDRED | ({"es": 55} if state in SPANISH else {})
    spoken = {"en", *(code for code, of_hundred in odds.items() if chance.random() * 100 < of_hundred)}
    return Facts(tuple(code for code in LANGUAGES if code in spoken)[:MAX_LANGUAGES], accepting)


def stated_later(number: int, facts: Facts) -> tuple[float, Facts] | None:
    """For one in four, how far between then and now they confirm the entry (0 to 1), and what they state by then."""
    chance = random.Random(f"{SEED} later {number}")  # noqa: S311  no secret: made-up people, the same at each load
    if chance.random() >= 0.25:
        return None
    if facts.accepts_new_patients is not None and chance.random() < 0.4:
        facts = replace(facts, accepts_new_patients=not facts.accepts_new_patients)
    return chance.uniform(0.2, 0.95), facts
