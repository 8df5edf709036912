"""The measured accuracy: what it counts, and what it says before there is anything to count."""

import pytest

from directory.review.audit_outcome import CONCLUSIVE, AuditOutcome
from directory.statistics.accuracy import COUNTED, accuracy
from directory.statistics.intervals import wilson_interval


def test_nothing_checked_is_no_share() -> None:
    found = accuracy({"not_reached": 3, "unclear": 1, "to_do": 2})
    assert (found["drawn"], found["checked"], found["share"], found["low"], found["high"]) == (6, 0, None, None, None)


def test_the_share_is_of_what_was_confirmed_or_not_and_nothing_is_hidden() -> None:
    counts = {"confirmed": 15, "not_confirmed": 133, "not_reached": 7, "unclear": 5, "to_do": 3, "earlier": 2}
    found = accuracy(counts)
    low, high = wilson_interval(15, 148)
    assert (found["checked"], found["share"]) == (148, 0.1014)
    assert (found["low"], found["high"]) == (round(low, 4), round(high, 4))
    assert {group: found[group] for group in counts} == counts
    assert found["drawn"] == sum(counts.values())


@pytest.mark.parametrize("outcome", AuditOutcome)
def test_every_outcome_is_counted_and_only_conclusive_ones_in_the_share(outcome: AuditOutcome) -> None:
    assert outcome.value in COUNTED
    assert accuracy({outcome.value: 1})["checked"] == (outcome in CONCLUSIVE)
