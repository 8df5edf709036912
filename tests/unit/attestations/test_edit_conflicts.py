"""Two windows conflict where their answers differ, however the same answer is typed."""

from typing import Any

import pytest
from support.two_rulesets import FIRST, SECOND, both_versions

from directory.attestations.draft_input import MAX_TYPED, EditConflict, find_conflicts, from_attestation, parse
from directory.attestations.tables import Attestation

RULES = both_versions().load(FIRST)


def draft(answers: dict[str, Any], typed: dict[str, Any] | None = None, ruleset_id: str = FIRST) -> Attestation:
    return Attestation(ruleset_id=ruleset_id, answers=answers, details={}, typed=typed or {})


def found(attestation: Attestation, sent: dict[str, list[str]], ruleset_id: str = FIRST) -> list[tuple[str, str, str]]:
    rules = both_versions().load(ruleset_id)
    its_rules = both_versions().load(attestation.ruleset_id)
    differing: tuple[EditConflict, ...] = find_conflicts(
        rules, from_attestation(attestation, its_rules, rules), parse(rules, sent)
    )
    return [(one.key, one.stored, one.typed) for one in differing]


@pytest.mark.parametrize("typed", ["10", "10.0", " 10 mL", "10cc"])
def test_the_same_answer_typed_in_another_way_is_no_conflict(typed: str) -> None:
    assert found(draft({"volume_per_site_ml": 10}), {"volume_per_site_ml-low": [typed]}) == []
    assert found(draft({"volume_per_site_ml": 10.0}), {"volume_per_site_ml-low": [typed]}) == []


def test_another_answer_conflicts_in_words_and_so_does_a_blank() -> None:
    sent = {"volume_per_site_ml-low": ["12"]}
    assert found(draft({"volume_per_site_ml": 10}), sent) == [("volume_per_site_ml", "10 mL", "12 mL")]
    assert found(draft({"volume_per_site_ml": 10}), {}) == [("volume_per_site_ml", "10 mL", "No answer")]
    assert found(draft({}), sent) == [("volume_per_site_ml", "No answer", "12 mL")]


def test_what_is_no_answer_yet_conflicts_as_it_was_typed() -> None:
    unread = {"volume_per_site_ml": {"volume_per_site_ml-low": ["ten "]}}
    assert found(draft({}, unread), {"volume_per_site_ml-low": ["ten"]}) == []
    assert found(draft({}, unread), {"volume_per_site_ml-low": ["10"]}) == [("volume_per_site_ml", "“ten”", "10 mL")]
    long = "x" * (MAX_TYPED + 1)
    assert found(draft({"volume_per_site_ml": 10}), {"volume_per_site_ml-low": [long]}) == [
        ("volume_per_site_ml", "10 mL", f"“{long}”")
    ]


def test_answers_given_under_older_rules_are_compared_as_answers() -> None:
    older = draft({"volume_per_site_ml": [5, 8]})
    same = {"volume_per_site_ml-low": ["5"], "volume_per_site_ml-high": ["8"]}
    assert found(older, same, SECOND) == []
