"""The public history of a listing: its events, and what patients saw on a past day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from directory.attestations.diff import AnswerSet, Difference, diff_answers
from directory.attestations.history import AcceptedPeriod, public_history
from directory.attestations.lifecycle import Move
from directory.badges.listing_standing import CurrentStanding, revoked_standing, standing_at, technique_of
from directory.certification.ruleset import Rulesets
from directory.disputes.lifecycle import DisputeState, Remedy
from directory.disputes.queries import PublicOutcome, public_outcomes
from directory.disputes.report import subject_label
from directory.listings import lifecycle as listing_lifecycle
from directory.listings.changes import FieldChange
from directory.listings.facts import FactChange, ListingFacts, describe_facts
from directory.listings.queries import HistoryEntry, OwnerStatement, PublicChange, owner_statements, public_changes
from directory.listings.queries import history as listing_history
from directory.listings.tables import Listing
from directory.web.public.as_of_date import AsOfDateForm
from directory.web.support.findings import FindingRow, finding_rows

LISTING_TITLES: Mapping[str, str] = {
    listing_lifecycle.Move.PUBLISH: "Put in this directory",
    listing_lifecycle.Move.SUSPEND: "Off the map for now",
    listing_lifecycle.Move.REINSTATE: "Back on the map",
    listing_lifecycle.Move.RETIRE: "No longer listed",
    listing_lifecycle.Move.MERGE: "Became one with another listing of this provider",
    listing_lifecycle.Move.SPLIT: "Listed by itself again",
    listing_lifecycle.Move.UNDO_PUBLISH: "Taken out again by the reviewer",
    listing_lifecycle.Move.UNDO_RETIRE: "Listed again",
}
"""Titles of the public moves; moves of a draft before publication are not public."""

CONFIRMED_TITLE = "Confirmed by the provider"
CONFIRMED_NOTE = "They said that the listing is right on this day."

CHANGED_TITLE = "Changed by the provider"
CORRECTED_TITLE = "Changed by this directory"
REVIEWED_NOTE = "A person here looked at this change before it was shown."

ENDED_TITLES = {
    Move.REVOKE: ("Answers taken down", "They do not count any more. The provider was told why."),
    Move.SUPERSEDE: ("Earlier answers replaced", ""),
}
OUTCOME_TITLES = {
    DisputeState.UPHELD: "A report was right",
    DisputeState.NOT_UPHELD: "A report was not borne out",
    DisputeState.WITHDRAWN: "A report was taken back",
}
REMEDY_TITLES = {
    Remedy.CORRECTED_BY_US: "A report was right, and we corrected the listing",
    Remedy.COULD_NOT_REACH: "We could not reach the provider about a report",
}
"""Titles of remedies that say more than that the report was right."""

NOT_ASKED_NOTE = "Nobody from the practice managed this listing, so nobody could be asked."


@dataclass(frozen=True, slots=True)
class ListingHistory:
    """Everything public about the history of a listing."""

    steps: Sequence[HistoryEntry]
    stated: Sequence[OwnerStatement]
    changes: Sequence[PublicChange]
    accepted: Sequence[AcceptedPeriod]
    outcomes: Sequence[PublicOutcome]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the history; `verify` is the public id of the attestation concerned, or empty."""

    at: datetime
    title: str
    who: str = ""
    note: str = ""
    verify: str = ""
    ruleset_id: str = ""
    changed: tuple[Difference | FactChange | FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class AsOfView:
    """What patients saw at the end of a day; `today` is None if the listing was not public then."""

    day: date
    today: CurrentStanding | None
    answers: tuple[FindingRow, ...] = ()
    verify: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`public/history.html`: the events, newest first, and the view of one past day (`then`) if one was requested.

    At `changes_at` the page changes by itself, because the attestation expires.
    """

    slug: str
    name: str
    credential: str
    is_listed: bool
    form: AsOfDateForm
    last_day: date
    then: AsOfView | None
    events: tuple[Event, ...]
    status: int
    changes_at: datetime | None


def load_listing_history(session: Session, listing: Listing) -> ListingHistory:
    """Load the public history of a listing with five queries."""
    return ListingHistory(
        listing_history(session, listing.id),
        owner_statements(session, listing.id),
        public_changes(session, listing.id),
        public_history(session, listing.id),
        public_outcomes(session, listing.id),
    )


def history_page(
    listing: Listing, record: ListingHistory, form: AsOfDateForm, *, rulesets: Rulesets, now: datetime
) -> HistoryPage:
    """Build the history page of a listing that is or was public."""
    day = form.day(now.date())
    events = [*_listing_events(record), *_dispute_events(record, rulesets), *_attestation_events(record, rulesets, now)]
    return HistoryPage(
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        is_listed=listing.state is listing_lifecycle.ListingState.PUBLISHED,
        form=form,
        last_day=now.date(),
        then=_as_of(day, record, rulesets, now) if day else None,
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        status=422 if form.errors else 200,
        changes_at=next((_expires_at(one, rulesets) for one in record.accepted if one.ended is None), None),
    )


def _listing_events(record: ListingHistory) -> Iterator[Event]:
    yield from _confirmation_events(record)
    yield from _change_events(record)
    for step in record.steps:
        if step.move in LISTING_TITLES:
            told = _facts_at(step.at, record) if step.move == listing_lifecycle.Move.PUBLISH else ()
            yield Event(step.at, LISTING_TITLES[step.move], note=" ".join(f"{fact}: {said}." for fact, said in told))


def _change_events(record: ListingHistory) -> Iterator[Event]:
    """Yield the changes of the listing, newest first; those before the first publication are not public."""
    public = {step.at for step in record.steps if step.move == listing_lifecycle.Move.PUBLISH}
    for one in reversed(record.changes):
        if one.is_correction and public and one.at > min(public):
            yield Event(one.at, CORRECTED_TITLE, changed=one.changes)
        elif not one.is_correction:
            yield Event(one.at, CHANGED_TITLE, note=REVIEWED_NOTE if one.is_reviewed else "", changed=one.changes)


def _confirmation_events(record: ListingHistory) -> Iterator[Event]:
    """Yield the owner's confirmations, newest first; those before the first publication are not public."""
    public = {step.at for step in record.steps if step.move == listing_lifecycle.Move.PUBLISH}
    for stated in reversed(record.stated):
        if public and stated.at > min(public):
            yield Event(stated.at, CONFIRMED_TITLE, note=CONFIRMED_NOTE, changed=stated.changed)


def _facts_at(moment: datetime, record: ListingHistory) -> tuple[tuple[str, str], ...]:
    """Return the facts last stated up to `moment`; empty if none were."""
    last = next((stated for stated in reversed(record.stated) if stated.at <= moment), None)
    since = last.at if last else datetime.min.replace(tzinfo=UTC)
    later = [change for one in record.changes if since < one.at <= moment for change in one.changes]
    said = (last.facts if last else ListingFacts()).after(later)
    return describe_facts(said) if said.are_stated else ()


def _dispute_events(record: ListingHistory, rulesets: Rulesets) -> Iterator[Event]:
    disputed = {one.attestation.id: one.attestation for one in record.accepted}
    for outcome in record.outcomes:
        row = disputed.get(outcome.attestation_id or 0)
        about = subject_label(rulesets.load(row.ruleset_id) if row else None, outcome.about)
        title = OUTCOME_TITLES[outcome.outcome]
        if outcome.remedy is not None:
            title = REMEDY_TITLES.get(outcome.remedy, title)
        yield Event(outcome.at, title, who=about, note=outcome.line)
        note = "" if outcome.asked_at else NOT_ASKED_NOTE
        yield Event(outcome.asked_at or outcome.reported_at, "A problem was reported", who=about, note=note)


def _attestation_events(record: ListingHistory, rulesets: Rulesets, now: datetime) -> Iterator[Event]:
    """Yield the events newest first: the sort by time is stable, so later events of the same time stay on top."""
    for index in reversed(range(len(record.accepted))):
        yield from _events_of_attestation(
            record.accepted[index], record.accepted[index - 1] if index else None, rulesets, now
        )


def _events_of_attestation(
    one: AcceptedPeriod, earlier: AcceptedPeriod | None, rulesets: Rulesets, now: datetime
) -> Iterator[Event]:
    row, last = one.attestation, _expires_at(one, rulesets)
    yield Event(
        one.since,
        "Answers renewed" if earlier else "Answers accepted",
        note="A person here read them. Nothing is left out, and the answers fit.",
        verify=row.public_id,
        changed=diff_answers(_signed_answers(earlier, rulesets), _signed_answers(one, rulesets)) if earlier else (),
    )
    if one.ended is not None and one.ended_by is not None:
        title, note = ENDED_TITLES[one.ended_by]
        yield Event(one.ended, title, note=note, verify=row.public_id)
    if last is not None and last < min(now, one.ended or now):
        yield Event(last, "Answers ran out", verify=row.public_id)
    if row.signed_at is not None:
        who = f"{row.signer_name}, {row.signer_role}"
        yield Event(row.signed_at, "Answers signed", who=who, ruleset_id=row.ruleset_id)


def _expires_at(one: AcceptedPeriod, rulesets: Rulesets) -> datetime | None:
    row = one.attestation
    return rulesets.counts_until(row.ruleset_id, row.valid_until) if row.valid_until else None


def _signed_answers(one: AcceptedPeriod, rulesets: Rulesets) -> AnswerSet:
    signed = technique_of(one.attestation, rulesets)
    ruleset = rulesets.load(one.attestation.ruleset_id)
    return AnswerSet(ruleset, {**signed.answers, **signed.details} if signed else {})


def _as_of(day: date, record: ListingHistory, rulesets: Rulesets, now: datetime) -> AsOfView:
    moment = min(datetime.combine(day, time.max, UTC), now)
    if not _is_public_at(moment, record.steps):
        return AsOfView(day, None)
    latest = next((one for one in reversed(record.accepted) if one.since <= moment), None)
    if latest is not None and latest.ended is not None and latest.ended <= moment:
        # A superseded attestation has a later accepted one; the latest one can only end by revocation.
        return AsOfView(day, revoked_standing(latest.ended), facts=_facts_at(moment, record))
    row = latest.attestation if latest else None
    found = standing_at(row, _rulesets_as_of(day, rulesets, row.ruleset_id if row else ""), moment)
    signed = found.technique
    rows = finding_rows(signed.ruleset, signed.assessment) if signed else ()
    return AsOfView(day, found, rows, row.public_id if row else "", _facts_at(moment, record))


def _rulesets_as_of(day: date, rulesets: Rulesets, needed: str) -> Rulesets:
    """Return the rulesets published by `day`, and `needed`: later ones could not yet end older attestations."""
    return Rulesets(tuple(rules for rules in rulesets.newest_first if rules.published <= day or rules.id == needed))


def _is_public_at(moment: datetime, steps: Sequence[HistoryEntry]) -> bool:
    """Return whether the listing was public at `moment`; `steps` are newest first."""
    last = next((step for step in steps if step.at <= moment), None)
    return last is not None and last.to_state == listing_lifecycle.ListingState.PUBLISHED
