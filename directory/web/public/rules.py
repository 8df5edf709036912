"""Pages made from the rulesets alone: one version with its changes, and the printable card of questions."""

from dataclasses import dataclass
from itertools import pairwise

from directory.certification.criteria import AnswerKind, Criterion
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.ruleset_diff import RulesetChange, diff_rulesets

KIND_ORDER = (AnswerKind.CHOICE, AnswerKind.CHOICES, AnswerKind.COUNT, AnswerKind.QUANTITY)
"""The order of questions on the card: where and with what, then in how many places, then how much."""


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """All differences between one version of the rules and the next."""

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
    """`public/questions.html`: the printable card of questions, in the order of an appointment."""

    ruleset: Ruleset
    asked: tuple[Criterion, ...]


def rules_page(rulesets: Rulesets, ruleset_id: str | None) -> RulesPage:
    """Build the page of one version, by default the current one.

    The current version shows the changes between all versions, an older one only those that it introduced.

    Raises:
        NotFound: no ruleset with this id was published.
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
    """Build the card of the graded questions, in the order in which a patient can ask them."""
    return QuestionsPage(ruleset, tuple(sorted(ruleset.criteria, key=lambda asked: KIND_ORDER.index(asked.kind))))
