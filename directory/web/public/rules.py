"""Pages made from the rulesets alone: one version with its changes, and the printable card of questions."""

from dataclasses import dataclass
from itertools import pairwise

from directory.certification.criteria import AnswerKind, Criterion
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.ruleset_diff import RulesetChange, diff_rulesets

KIND_ORDER = (AnswerKind.CHOICE, AnswerKind.CHOICES, AnswerKind.COUNT, AnswerKind.QUANTITY)
"""What comes first there: where and with what, then in how many places, and last how much."""


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """From one version of the rules to the next, with all that differs."""

    older: Ruleset
    newer: Ruleset
    changes: tuple[RulesetChange, ...]


@dataclass(frozen=True, slots=True)
class RulesPage:
    """`public/rules.html`: one version of the rules with its evidence, the other versions, and what changed."""

    ruleset: Ruleset
    current: Ruleset
    versions: tuple[Ruleset, ...]
    steps: tuple[VersionChanges, ...]


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """`public/questions.html`: the card to print and take along, asked in the order of the appointment."""

    ruleset: Ruleset
    asked: tuple[Criterion, ...]


def rules_page(rulesets: Rulesets, ruleset_id: str | None) -> RulesPage:
    """The version of that id, or today's; of an older one only the changes that it brought.

    Raises:
        NotFound: no rules of that id were published.
    """
    current, versions = rulesets.current, rulesets.newest_first
    ruleset = rulesets.load(ruleset_id) if ruleset_id else current
    steps = [(older, newer) for newer, older in pairwise(versions) if ruleset in {newer, current}]
    return RulesPage(
        ruleset,
        current,
        versions,
        tuple(VersionChanges(older, newer, diff_rulesets(older, newer)) for older, newer in steps),
    )


def questions_page(ruleset: Ruleset) -> QuestionsPage:
    """The questions that are graded, in the order in which a patient can ask them."""
    return QuestionsPage(ruleset, tuple(sorted(ruleset.criteria, key=lambda asked: KIND_ORDER.index(asked.kind))))
