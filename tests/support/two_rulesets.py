"""The shipped rules and a second version, for tests: one threshold is moved, one question added, notice given.

The second version is written from the first's file, so the guard lets it through. Nobody publishes it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import directory.certification.ruleset as ruleset_module
from directory.certification.ruleset import Ruleset, Rulesets, bundled_rulesets, parse_ruleset

FIRST = "bma-2021.1"
SECOND = "bma-2027.1"
PUBLISHED = date(2027, 1, 10)
SUPERSEDES_AFTER = date(2027, 4, 1)

SECOND_MAX_ML = 5
"""Right up to so much in the second version; the first says 10."""

NEW_QUESTION = "draw_speed"
"""The criterion that the second version adds."""

MATCHING_IN_BOTH: Mapping[str, Any] = {
    "volume_per_site_ml": 4,
    "distinct_sites": 6,
    "imaging_guidance": {"methods": ["fluoroscopy"], "how_often": "always"},
    "harvest_bone": "posterior_iliac_crest",
}
"""Answers that the first version asks for, right in it, and right in the second as far as they go."""

MATCHING_IN_SECOND: Mapping[str, Any] = {**MATCHING_IN_BOTH, NEW_QUESTION: "fast"}
"""Answers that match every rule of the second version."""

_CRITERION = f"""
[[criteria]]
key = "{NEW_QUESTION}"
kind = "choice"
short = "Speed of the pull"
question = "How fast do you pull the plunger?"
patient_question = "How fast will you pull the plunger?"
right_answer = "Fast"
wrong_answer = "Slow"
why = "This question is made up for a test."
strength = "weak"
strength_text = "Nobody has looked."
options = [
    {{ value = "fast", label = "Fast, in a second or two", phrase = "fast" }},
    {{ value = "slow", label = "Slow", phrase = "slowly" }},
    {{ value = "mixed", label = "Now fast, now slow", phrase = "now fast, now slowly" }},
]
right = ["fast"]
wrong = ["slow"]
sentences = {{ says = "They pull {{answer}}.", not_stated = "They do not say how fast they pull.", \
rule = "The rule is a fast pull." }}
citations = [{{ authors = "Nobody", title = "Nothing", reference = "Nowhere", stance = "against", finding = "None." }}]
"""


def first_version_text() -> str:
    """The file of the first version."""
    return (Path(ruleset_module.__file__).parent / "rulesets" / f"{FIRST}.toml").read_text("utf-8")


def second_version_text(*, supersedes_after: date | None = SUPERSEDES_AFTER, published: date = PUBLISHED) -> str:
    """The file of the second version; without `supersedes_after`, what was signed before counts until it expires."""
    notice = f"\nsupersedes_after = {supersedes_after}" if supersedes_after else ""
    replaced = {
        f'id = "{FIRST}"': f'id = "{SECOND}"',
        "version 2021.1": "version 2027.1",
        f"published = {bundled_rulesets().load(FIRST).published}": f"published = {published}{notice}",
        "right = { at_most = 10 }": f"right = {{ at_most = {SECOND_MAX_ML} }}",
        "\n[[details]]": f"{_CRITERION}\n[[details]]",
    }
    text = first_version_text()
    for old, new in replaced.items():
        assert old in text, f"the first version has no {old!r} any more"
        text = text.replace(old, new, 1)
    return text


@cache
def both_versions(*, supersedes_after: date | None = SUPERSEDES_AFTER, published: date = PUBLISHED) -> Rulesets:
    """Both versions, as an application has them once the second is published."""
    second = parse_ruleset(second_version_text(supersedes_after=supersedes_after, published=published))
    return Rulesets((second, bundled_rulesets().load(FIRST)))


def both_versions_from(published: date, *, notice: timedelta | None = timedelta(days=60)) -> Rulesets:
    """Both versions, the second published on that day; older answers count for `notice` (None: till expiry)."""
    return both_versions(supersedes_after=published + notice if notice else None, published=published)


def second_version() -> Ruleset:
    """The second version."""
    return both_versions().load(SECOND)
