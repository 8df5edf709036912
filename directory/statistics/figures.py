"""Counts the public figures as one JSON document, in a number of statements that does not depend on the data."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.certification.answers import NumberRange
from directory.certification.criteria import Criterion
from directory.certification.ruleset import Rulesets
from directory.certification.scoring import Assessment, Grade
from directory.certification.standing import grade_stored
from directory.errors import Refusal
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.statistics.accuracy import measure_accuracy
from directory.statistics.badge_periods import Loss, badge_periods
from directory.statistics.histogram import histogram_bins, weaker_end
from directory.statistics.months import month_index, month_name, months_around

MONTHS_BEFORE, MONTHS_AFTER = 11, 6
"""How many months before this one, and after it, are counted."""

Document = dict[str, Any]


class _Answers(NamedTuple):
    """Equal answers that count now, of a number of listings whose first location is in one state."""

    state: str
    assessment: Assessment
    listings: int


def count_figures(session: Session, rulesets: Rulesets, *, now: datetime) -> Document:
    """Count all public figures."""
    ruleset, answers = rulesets.current, list(_current_answers(session, rulesets, now))
    listed = _listings_by_state(session)
    badges = _badges_by_state(answers)
    return {
        "counted_at": now.isoformat(timespec="seconds"),
        "ruleset": ruleset.id,
        "listings": {
            "published": sum(listed.values()),
            "with_answers": sum(each.listings for each in answers),
            "badges": sum(badges.values()),
        },
        "grades": [_grades(criterion, answers) for criterion in ruleset.criteria],
        "histograms": [_histogram(criterion, answers) for criterion in ruleset.criteria if criterion.kind.is_number],
        **_badges_by_month(session, rulesets, now),
        "states": [
            {"state": state, "listings": count, "badges": badges[state]} for state, count in sorted(listed.items())
        ],
        "accuracy": measure_accuracy(session),
    }


def flat_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, object]]:
    """Yield every number of the document as figure, subject, group and number, for a file of rows."""
    for name, number in document["listings"].items():
        yield "listings", "all", name, number
    for each in document["grades"]:
        yield from (("grades", each["criterion"], grade.word, each[grade.word]) for grade in reversed(Grade))
    for each in document["histograms"]:
        yield from (("histogram", each["criterion"], found["numbers"], found["count"]) for found in each["bins"])
    for figure in ("badges", "badges_ending"):
        for each in document[figure]:
            yield from ((figure, each["month"], name, each[name]) for name in each if name != "month")
    for each in document["states"]:
        yield from (("states", each["state"], name, each[name]) for name in ("listings", "badges"))
    for each in ({"state": "all", **document["accuracy"]["all"]}, *document["accuracy"]["states"]):
        yield from (("accuracy", each["state"], name, each[name]) for name in each if name != "state")


def _current_answers(session: Session, rulesets: Rulesets, now: datetime) -> Iterator[_Answers]:
    """Yield the answers of published listings that count now; listings that answered nothing are left out."""
    columns = (Location.state, Attestation.ruleset_id, sa.cast(Attestation.answers, sa.Text))
    rows = session.execute(
        sa.select(*columns, sa.func.count())
        .select_from(Attestation)
        .join(Listing, Listing.id == Attestation.listing_id)
        .outerjoin(Location, sa.and_(Location.listing_id == Listing.id, Location.ordinal == 0))
        .where(
            Attestation.state == AttestationState.ACCEPTED,
            effective_valid_until(rulesets) >= now,
            Listing.state == ListingState.PUBLISHED,
        )
        .group_by(*columns)
    )
    for state, ruleset_id, answers, count in rows:
        # Answers that cannot be graded count as not given, as in the search.
        with suppress(Refusal):
            found = grade_stored(rulesets, ruleset_id, answers).assessment
            if any(finding.grade is not Grade.UNANSWERED for finding in found.findings):
                yield _Answers(state or "", found, count)


def _listings_by_state(session: Session) -> dict[str, int]:
    state = sa.func.coalesce(Location.state, "")
    rows = session.execute(
        sa.select(state, sa.func.count())
        .select_from(Listing)
        .outerjoin(Location, sa.and_(Location.listing_id == Listing.id, Location.ordinal == 0))
        .where(Listing.state == ListingState.PUBLISHED)
        .group_by(state)
    )
    return {code: count for code, count in rows}  # noqa: C416  rows are typed by unpacking


def _badges_by_state(answers: list[_Answers]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in answers:
        if each.assessment.badge_earned:
            counts[each.state] += each.listings
    return counts


def _grades(criterion: Criterion, answers: list[_Answers]) -> Document:
    """Count the grades of one criterion, each answer under the rules that it was signed for."""
    counts: Counter[Grade] = Counter()
    for each in answers:
        found = next((one for one in each.assessment.findings if one.criterion == criterion.key), None)
        if found is not None:
            counts[found.grade] += each.listings
    grades = {grade.word: counts[grade] for grade in reversed(Grade)}
    return {"criterion": criterion.key, "label": criterion.short, **grades}


def _histogram(criterion: Criterion, answers: list[_Answers]) -> Document:
    """Count the numbers of one criterion; a range counts at its weaker end."""
    bins = histogram_bins(criterion)
    counts = [0] * len(bins)
    for each in answers:
        answer = each.assessment.answers.get(criterion.key)
        if isinstance(answer, NumberRange):
            number = weaker_end(criterion, answer)
            place = next((at for at, found in enumerate(bins) if number <= found.high), None)
            if place is not None:
                counts[place] += each.listings
    return {
        "criterion": criterion.key,
        "label": criterion.short,
        "unit": criterion.unit,
        "bins": [
            {"numbers": found.text, "grade": found.grade.word, "count": count}
            for found, count in zip(bins, counts, strict=True)
        ],
    }


def _badges_by_month(session: Session, rulesets: Rulesets, now: datetime) -> Document:
    """Count the badges gained, lost and shown in each of the last months, and those that run out in the next ones."""
    months = months_around(now, before=MONTHS_BEFORE, after=MONTHS_AFTER + 1)
    this = MONTHS_BEFORE
    gained: Counter[int | None] = Counter()
    lost: dict[Loss, Counter[int | None]] = {loss: Counter() for loss in Loss}
    ending: Counter[int | None] = Counter()
    shown_from: Counter[int] = Counter()
    for period in badge_periods(session, rulesets):
        gained[month_index(months, period.start)] += 1
        if period.end <= now:
            lost[period.loss][month_index(months, period.end)] += 1
        else:
            ending[month_index(months, period.end)] += 1
        # A badge is shown at the end of its first month, unless it is lost by then; and so on.
        shown_from[_first_end(months, period.start)] += 1
        shown_from[this + 1 if period.end > now else _first_end(months, period.end)] -= 1
    shown, badges = 0, []
    for place in range(this + 1):
        shown += shown_from[place]
        counts = {loss.value: lost[loss][place] for loss in Loss}
        badges.append({"month": month_name(months[place]), "gained": gained[place], **counts, "shown": shown})
    following = [
        {"month": month_name(months[place]), "count": ending[place]} for place in range(this, this + MONTHS_AFTER)
    ]
    return {"badges": badges, "badges_ending": following}


def _first_end(months: tuple[datetime, ...], at: datetime) -> int:
    """Return the place of the first month whose end comes after `at`; 0 before the first month."""
    found = month_index(months, at)
    if found is not None:
        return found
    return 0 if at < months[0] else len(months)
