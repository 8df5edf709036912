"""The measured accuracy: how many of the answers that were drawn by lot and looked at were confirmed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.review.audit_outcome import AuditOutcome
from directory.review.tables import DrawnAttestation
from directory.statistics.intervals import wilson_interval

TO_DO, EARLIER = "to_do", "earlier"
"""Drawn and not looked at yet; looked at before outcomes were recorded."""

COUNTED = (*(outcome.value for outcome in AuditOutcome), TO_DO, EARLIER)
"""What is counted of the drawn answers; each of them is in exactly one of these groups."""


def measure_accuracy(session: Session) -> dict[str, Any]:
    """Return the accuracy as JSON values: `all`, and `states` with one entry for each state, by code.

    The published outcomes of all draws are all it takes to compute it again.
    """
    by_state: dict[str, Counter[str]] = {}
    for state, outcome, is_looked_at, count in session.execute(
        sa.select(
            DrawnAttestation.state,
            DrawnAttestation.outcome,
            DrawnAttestation.looked_at.is_not(None),
            sa.func.count(),
        ).group_by(DrawnAttestation.state, DrawnAttestation.outcome, DrawnAttestation.looked_at.is_not(None))
    ):
        group = outcome.value if outcome else EARLIER if is_looked_at else TO_DO
        by_state.setdefault(state, Counter())[group] += count
    states = [{"state": state, **accuracy(by_state[state])} for state in sorted(by_state)]
    return {"all": accuracy(_total(by_state.values())), "states": states}


def accuracy(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the counts, and the share that was confirmed of those that were confirmed or not, with its interval.

    `share`, `low` and `high` are None as long as nothing was confirmed or not confirmed.
    """
    groups = {group: counts.get(group, 0) for group in COUNTED}
    confirmed = groups[AuditOutcome.CONFIRMED.value]
    checked = confirmed + groups[AuditOutcome.NOT_CONFIRMED.value]
    low, high = wilson_interval(confirmed, checked) if checked else (None, None)
    return {
        "drawn": sum(groups.values()),
        "checked": checked,
        **groups,
        "share": _rounded(confirmed / checked) if checked else None,
        "low": _rounded(low),
        "high": _rounded(high),
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _total(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total += each
    return total
