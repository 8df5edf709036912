"""The shipped rules, and a temporary folder of rules with one criterion more of any kind."""

from pathlib import Path

import pytest

from directory.certification.ruleset import Ruleset, Rulesets, bundled_rulesets

EXTRA = {
    "quantity": """
[[criteria]]
key = "needle_gauge_mm"
kind = "quantity"
unit = "mm"
decimals = 2
limits = { at_least = 0.5, at_most = 9.75 }
right = { at_least = 2, at_most = 3.25 }
wrong = [{ at_most = 1 }, { at_least = 6.5 }]
right_answer = "{right_at_least} to {right_at_most} mm"
wrong_answer = "1 mm or less, or 6.5 mm or more"
sentences = { says = "The needle is {answer} wide.", says_range = "The needle is {answer} wide.", \
not_stated = "They do not say how wide the needle is.", rule = "The rule is up to {right_at_most} mm." }
""",
    "count": """
[[criteria]]
key = "trained_people"
kind = "count"
unit = "people"
unit_one = "person"
limits = { at_least = 0, at_most = 99 }
right = { at_least = 2 }
wrong = { at_most = 0 }
right_answer = "{right_at_least} or more"
wrong_answer = "Nobody"
sentences = { says = "They have {answer} trained.", says_range = "They have {answer} trained.", \
not_stated = "They do not say who is trained.", rule = "The rule is {right_at_least} or more." }
""",
    "choice": """
[[criteria]]
key = "cells_are_counted"
kind = "choice"
options = [
    { value = "yes", label = "Yes", phrase = "count" },
    { value = "no", label = "No", phrase = "do not count" },
    { value = "partly", label = "Partly", phrase = "sometimes count" },
]
right = ["yes"]
wrong = ["no"]
right_answer = "Yes"
wrong_answer = "No"
sentences = { says = "They {answer} the cells.", not_stated = "They do not say.", rule = "The rule is to count." }
""",
    "choices": """
[[criteria]]
key = "numbing"
kind = "choices"
options = [
    { value = "skin", label = "Skin", phrase = "the skin" },
    { value = "bone", label = "Bone lining", phrase = "the lining of the bone" },
]
none = { label = "Nothing", phrase = "nothing" }
right = { any_of = ["bone"] }
wrong = { none = true }
right_answer = "The lining of the bone"
wrong_answer = "Nothing"
sentences = { says = "They numb {answer}.", says_none = "They numb nothing.", \
not_stated = "They do not say what they numb.", rule = "The rule is to numb the lining of the bone." }
""",
}
"""One criterion of each kind, without the texts that all kinds have in common."""

COMMON = """
short = "The fifth"
question = "Which?"
patient_question = "Which will you?"
why = "It helps."
strength = "weak"
strength_text = "Weak evidence."
citations = [{ authors = "A B", title = "A study", reference = "J 2020", stance = "against", finding = "None." }]
"""


def shipped_text() -> str:
    """The file of the first published rules."""
    return (Path(__file__).parents[3] / "directory/certification/rulesets/bma-2021.1.toml").read_text("utf-8")


def with_fifth(kind: str) -> str:
    """The rules with a fifth criterion of that kind, as a new version published later."""
    text = shipped_text().replace('id = "bma-2021.1"', 'id = "bma-2027.1"', 1)
    text = text.replace("published = 2026-11-22", "published = 2027-01-31", 1)
    lines = EXTRA[kind].split("\n")
    lines.insert(3, COMMON)
    return text.replace("\n# Asked and shown", "\n".join(lines) + "\n# Asked and shown", 1)


@pytest.fixture(scope="session")
def rules() -> Ruleset:
    return bundled_rulesets().load("bma-2021.1")


@pytest.fixture(scope="session", params=sorted(EXTRA))
def five_criteria(request, tmp_path_factory) -> tuple[str, Rulesets]:
    """The kind of the fifth criterion, and a folder with the shipped rules and the newer ones."""
    folder = tmp_path_factory.mktemp(f"rules-{request.param}")
    (folder / "bma-2021.1.toml").write_text(shipped_text(), "utf-8")
    (folder / "bma-2027.1.toml").write_text(with_fifth(request.param), "utf-8")
    return request.param, Rulesets.read(folder)
