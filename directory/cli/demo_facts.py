"""Fictitious languages, new-patient status and opening hours for the demo, the same at every load."""

import random
from dataclasses import replace
from typing import Any

from directory.listings.facts import ListingFacts
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES
from directory.listings.opening_hours import WEEKDAYS, Hours

SEED = 20261123
"""A seed separate from that of the providers, so that changes here do not change anything else."""

LANGUAGE_PERCENTAGES = {
    "es": 28, "zh": 5, "tl": 3, "vi": 3, "ar": 3, "fr": 4, "ko": 3, "ru": 3, "pt": 3, "ht": 2, "hi": 6, "pl": 2,
    "de": 3, "it": 2, "ur": 2, "fa": 2, "ja": 2, "ase": 4, "hmn": 1,
}  # fmt: skip
"""Percentage of speakers; arbitrary, so that every language can be found and none is everywhere."""

SPANISH_SPEAKING_STATES = frozenset({"AZ", "CA", "FL", "NM", "NV", "NY", "PR", "TX"})
"""States where about half of the providers speak Spanish."""


def generate_facts(number: int, state: str) -> ListingFacts:
    """Return the facts stated by a provider; some leave one or the other out."""
    chance = random.Random(f"{SEED} {number}")  # noqa: S311  no secret: made-up people, the same at each load
    accepting = chance.choices((True, False, None), weights=(68, 14, 18))[0]
    if chance.random() < 0.15:
        return ListingFacts((), accepting)
    odds = LANGUAGE_PERCENTAGES | ({"es": 55} if state in SPANISH_SPEAKING_STATES else {})
    spoken = {"en", *(code for code, of_hundred in odds.items() if chance.random() * 100 < of_hundred)}
    return ListingFacts(tuple(code for code in LANGUAGES if code in spoken)[:MAX_LANGUAGES], accepting)


def generate_location_facts(number: int) -> dict[str, Any]:
    """Return the facts stated for each address; one provider in four states none."""
    return {} if number % 4 == 3 else {"opening_hours": _generate_hours(number)}


def generate_later_facts(number: int, facts: ListingFacts) -> tuple[float, ListingFacts] | None:
    """For one provider in four, return when they confirm the listing (0 to 1 of the time to now) and the facts then."""
    chance = random.Random(f"{SEED} later {number}")  # noqa: S311  no secret: made-up people, the same at each load
    if chance.random() >= 0.25:
        return None
    if facts.accepts_new_patients is not None and chance.random() < 0.4:
        facts = replace(facts, accepts_new_patients=not facts.accepts_new_patients)
    return chance.uniform(0.2, 0.95), facts


def _generate_hours(number: int) -> Hours:
    """Return opening hours; every third provider closes for an hour at noon."""
    opens, closes = (("08:00", "17:00"), ("09:00", "17:30"), ("07:30", "16:00"))[number % 3]
    day = [[opens, "12:00"], ["13:00", closes]] if number % 3 == 1 else [[opens, closes]]
    week = dict.fromkeys(list(WEEKDAYS)[:4], day) | {"friday": [[opens, "15:00"]] if number % 5 == 0 else day}
    return week | ({"saturday": [["09:00", "12:00"]], "sunday": []} if number % 6 == 0 else {"saturday": []})
