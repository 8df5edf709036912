"""Grades all current attestations under two versions of the rules to show who gains, keeps or loses the badge."""

import enum
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.renewal import convert_answers
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.scoring import Assessment, Grade, assess
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

GRADE_CACHE_SIZE = 50_000
"""Number of distinct answer sets whose grades are cached; arbitrary, about ten megabytes.

A million attestations contain fewer distinct sets.
"""

BATCH_SIZE = 2000
"""Number of database rows in memory at a time; arbitrary."""


class BadgeChange(enum.StrEnum):
    """What happens to a listing's badge under the newer rules."""

    GAINS = "gains"
    KEEPS = "keeps"
    LOSES = "loses"
    HAS_NONE = "has none"


class GradeComparison(NamedTuple):
    """The grades of one set of answers under both versions; `missed` lists the newer criteria that do not match."""

    before: Grade
    after: Grade
    outcome: BadgeChange
    missed: tuple[str, ...]


class ComparedAttestation(NamedTuple):
    """An attestation that counts, with its grades under both versions."""

    public_id: str
    slug: str
    name: str
    ruleset_id: str
    signed_at: datetime
    counts_until: datetime
    verdict: GradeComparison


def compare_attestations(
    session: Session, older: Ruleset, newer: Ruleset, *, rulesets: Rulesets, now: datetime
) -> Iterator[ComparedAttestation]:
    """Yield every accepted, unexpired attestation of a published listing in order of id, in constant memory.

    Answers are graded under both versions regardless of the ruleset they were signed under, so that two drafts of rules
    can be compared too. If they were signed under the older version, `before` is the grade that patients see today.
    """
    until = effective_valid_until(rulesets)
    columns: list[Any] = [
        # Read as text: most answer sets hit the cache and need no JSON parsing.
        sa.cast(sa.type_coerce(Attestation.answers, sa.Text), sa.Text),
        Attestation.public_id,
        Listing.slug,
        Listing.name,
        Attestation.ruleset_id,
        Attestation.signed_at,
        until,
    ]
    live = (
        sa.select(*columns)
        .join(Listing, Listing.id == Attestation.listing_id)
        .where(Attestation.state == AttestationState.ACCEPTED, Listing.state == ListingState.PUBLISHED, until >= now)
        .order_by(Attestation.id)
        .execution_options(yield_per=BATCH_SIZE)
    )
    verdict = lru_cache(maxsize=GRADE_CACHE_SIZE)(make_comparer(older, newer))
    for answers, *facts in session.execute(live):
        yield ComparedAttestation._make((*facts, verdict(answers)))


def make_comparer(older: Ruleset, newer: Ruleset) -> Callable[[str], GradeComparison]:
    """Return a function that grades answers, given as JSON text, under both versions."""

    def verdict(text: str) -> GradeComparison:
        answers = json.loads(text)
        before, after = (assess(ruleset, convert_answers(ruleset, answers)) for ruleset in (older, newer))
        missed = tuple(finding.criterion for finding in after.findings if finding.grade is not Grade.RIGHT)
        return GradeComparison(before.grade, after.grade, _badge_change(before, after), missed)

    return verdict


def _badge_change(before: Assessment, after: Assessment) -> BadgeChange:
    if before.badge_earned:
        return BadgeChange.KEEPS if after.badge_earned else BadgeChange.LOSES
    return BadgeChange.GAINS if after.badge_earned else BadgeChange.HAS_NONE
