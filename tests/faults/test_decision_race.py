"""Two reviewers decide the same cases at once: each case is decided once, and its owner gets one email."""

from support.decision_race import DECISIONS, run_race

ROUNDS = 30
"""`make race` does 1,000."""


def test_each_case_is_decided_once(database: str) -> None:
    result = run_race(database, ROUNDS)
    assert result.faults == ()
    assert sum(result.wins.values()) == ROUNDS
    assert set(result.wins) <= set(range(len(DECISIONS)))
