"""The public record of a listing: what happened and when, and what patients saw on any past day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from directory.attestations.differences import Difference, Said, differences
from directory.attestations.history import Accepted, public_history
from directory.attestations.lifecycle import Move
from directory.badges.standings import Today, as_it_was, revoked, technique_of
from directory.certification.ruleset import Rulesets
from directory.disputes.lifecycle import State as Dispute
from directory.disputes.queries import PublicOutcome, public_outcomes
from directory.disputes.report import subject_words
from directory.listings import lifecycle as listing_lifecycle
from directory.listings.facts import FactChange, facts_in_words
from directory.listings.queries import Stated, Step, statements
from directory.listings.queries import history as listing_history
from directory.listings.tables import Listing
from directory.web.public.days import DayForm
from directory.web.support.findings import FindingRow, finding_rows

LISTED: Mapping[str, str] = {
    listing_lifecycle.Move.PUBLISH: "Put in this directory",
    listing_lifecycle.Move.SUSPEND: "Off the map for now",
    listing_lifecycle.Move.REINSTATE: "Back on the map",
    listing_lifecycle.Move.RETIRE: "No longer listed",
}
"""The moves that the public sees; a draft on its way to a reviewer is nobody's business."""

CONFIRMED = "Confirmed by the provider"
STILL_RIGHT = "They said that the listing is right on this day."

ENDED = {
    Move.REVOKE: ("Answers taken down", "They do not count any more. The provider was told why."),
    Move.SUPERSEDE: ("Earlier answers replaced", ""),
}
OUTCOMES = {
    Dispute.UPHELD: "A report was right",
    Dispute.NOT_UPHELD: "A report was not borne out",
    Dispute.WITHDRAWN: "A report was taken back",
}


@dataclass(frozen=True, slots=True)
class Record:
    """All that the public may know of a listing's past."""

    steps: Sequence[Step]
    stated: Sequence[Stated]
    accepted: Sequence[Accepted]
    outcomes: Sequence[PublicOutcome]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record; `verify` is the name of the signed answers that it speaks of."""

    at: datetime
    title: str
    who: str = ""
    note: str = ""
    verify: str = ""
    ruleset_id: str = ""
    changed: tuple[Difference | FactChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Then:
    """What patients saw at the end of a day; `today` is None while the entry was not on the map."""

    day: date
    today: Today | None
    answers: tuple[FindingRow, ...] = ()
    verify: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`public/history.html`: the record, newest first, and one day of it where one was asked for.

    At `changes_at` the page says something else without anybody doing anything.
    """

    slug: str
    name: str
    credential: str
    is_listed: bool
    form: DayForm
    last_day: date
    then: Then | None
    events: tuple[Event, ...]
    status: int
    changes_at: datetime | None


def record_of(session: Session, listing: Listing) -> Record:
    """What is remembered of a listing; four statements."""
    return Record(
        listing_history(session, listing.id),
        statements(session, listing.id),
        public_history(session, listing.id),
        public_outcomes(session, listing.id),
    )


def history_page(listing: Listing, record: Record, form: DayForm, *, rulesets: Rulesets, now: datetime) -> HistoryPage:
    """The record of a listing that is or was public."""
    day = form.day(now.date())
    events = [*_of_listing(record), *_of_disputes(record, rulesets), *_of_answers(record, rulesets, now)]
    return HistoryPage(
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        is_listed=listing.state is listing_lifecycle.State.PUBLISHED,
        form=form,
        last_day=now.date(),
        then=_then(day, record, rulesets, now) if day else None,
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        status=422 if form.errors else 200,
        changes_at=next((_last_moment(one, rulesets) for one in record.accepted if one.ended is None), None),
    )


def _of_listing(record: Record) -> Iterator[Event]:
    yield from _confirmations(record)
    for step in record.steps:
        if step.move in LISTED:
            told = _facts_at(step.at, record) if step.move == listing_lifecycle.Move.PUBLISH else ()
            yield Event(step.at, LISTED[step.move], note=" ".join(f"{fact}: {said}." for fact, said in told))


def _confirmations(record: Record) -> Iterator[Event]:
    """What the owner said once the entry was public, the newest first; until then it was nobody's business."""
    public = {step.at for step in record.steps if step.move == listing_lifecycle.Move.PUBLISH}
    for stated in reversed(record.stated):
        if public and stated.at > min(public):
            yield Event(stated.at, CONFIRMED, note=STILL_RIGHT, changed=stated.changed)


def _facts_at(moment: datetime, record: Record) -> tuple[tuple[str, str], ...]:
    """What was stated last until then; nothing where that was nothing."""
    said = next((stated.facts for stated in reversed(record.stated) if stated.at <= moment), None)
    return facts_in_words(said) if said and said.are_stated else ()


def _of_disputes(record: Record, rulesets: Rulesets) -> Iterator[Event]:
    disputed = {one.attestation.id: one.attestation for one in record.accepted}
    for outcome in record.outcomes:
        row = disputed.get(outcome.attestation_id or 0)
        about = subject_words(rulesets.load(row.ruleset_id) if row else None, outcome.about)
        yield Event(outcome.at, OUTCOMES[outcome.outcome], who=about, note=outcome.line)
        yield Event(outcome.asked_at, "A problem was reported", who=about)


def _of_answers(record: Record, rulesets: Rulesets, now: datetime) -> Iterator[Event]:
    """Newest first, so that of one moment the later event stays above."""
    for index in reversed(range(len(record.accepted))):
        yield from _of_one(record.accepted[index], record.accepted[index - 1] if index else None, rulesets, now)


def _of_one(one: Accepted, earlier: Accepted | None, rulesets: Rulesets, now: datetime) -> Iterator[Event]:
    row, last = one.attestation, _last_moment(one, rulesets)
    yield Event(
        one.since,
        "Answers renewed" if earlier else "Answers accepted",
        note="A person here read them. Nothing is left out, and the answers fit.",
        verify=row.public_id,
        changed=differences(_said(earlier, rulesets), _said(one, rulesets)) if earlier else (),
    )
    if one.ended is not None and one.ended_by is not None:
        title, note = ENDED[one.ended_by]
        yield Event(one.ended, title, note=note, verify=row.public_id)
    if last is not None and last < min(now, one.ended or now):
        yield Event(last, "Answers ran out", verify=row.public_id)
    if row.signed_at is not None:
        who = f"{row.signer_name}, {row.signer_role}"
        yield Event(row.signed_at, "Answers signed", who=who, ruleset_id=row.ruleset_id)


def _last_moment(one: Accepted, rulesets: Rulesets) -> datetime | None:
    row = one.attestation
    return rulesets.counts_until(row.ruleset_id, row.valid_until) if row.valid_until else None


def _said(one: Accepted, rulesets: Rulesets) -> Said:
    signed = technique_of(one.attestation, rulesets)
    ruleset = rulesets.load(one.attestation.ruleset_id)
    return Said(ruleset, {**signed.answers, **signed.details} if signed else {})


def _then(day: date, record: Record, rulesets: Rulesets, now: datetime) -> Then:
    moment = min(datetime.combine(day, time.max, UTC), now)
    if not _is_public_at(moment, record.steps):
        return Then(day, None)
    latest = next((one for one in reversed(record.accepted) if one.since <= moment), None)
    if latest is not None and latest.ended is not None and latest.ended <= moment:
        # What was replaced has a later one that counts, so this was revoked.
        return Then(day, revoked(latest.ended), facts=_facts_at(moment, record))
    row = latest.attestation if latest else None
    found = as_it_was(row, _known_on(day, rulesets, row.ruleset_id if row else ""), moment)
    signed = found.technique
    rows = finding_rows(signed.ruleset, signed.assessment) if signed else ()
    return Then(day, found, rows, row.public_id if row else "", _facts_at(moment, record))


def _known_on(day: date, rulesets: Rulesets, needed: str) -> Rulesets:
    """The rules as they were: a version of later could not yet end what was signed under an older one."""
    return Rulesets(tuple(rules for rules in rulesets.newest_first if rules.published <= day or rules.id == needed))


def _is_public_at(moment: datetime, steps: Sequence[Step]) -> bool:
    """Whether the entry stood on the map; `steps` come newest first."""
    last = next((step for step in steps if step.at <= moment), None)
    return last is not None and last.to_state == listing_lifecycle.State.PUBLISHED
