"""The table of all listings for reviewers: its filters and orders."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache, partial

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.certification.ruleset import Rulesets
from directory.geocoding.us_states import STATES
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingManager, ListingSource, Location
from directory.review.badge_holders import matching_attestations
from directory.review.record_table import Choice, Condition, RecordTable, TableFilter, TableOrder, is_one_of

CONFIRMED_WITHIN = timedelta(days=90)
"""After this time an owner is asked to confirm the listing again."""

WHERE = "where"
"""The filter by US state."""

_ORDERS = {
    "changed": TableOrder("Changed last", (Listing.updated_at.desc(), Listing.id.desc())),
    "oldest": TableOrder("Changed first", (Listing.updated_at.asc(), Listing.id.asc())),
}
_BY_NAME = {"name": TableOrder("By name", (Listing.name.asc(), Listing.id.asc()))}
"""Of what a search found; without a search, a million names would be sorted."""


def listing_table(
    session: Session,
    found: Collection[int] | None,
    *,
    labels: Mapping[ListingState, str],
    rulesets: Rulesets,
    now: datetime,
) -> RecordTable:
    """Return the table of all listings, or of those that a search found; `labels` are the words for the states."""
    return RecordTable(
        Listing,
        filters=(
            TableFilter("state", "State", tuple(_state_choices(labels))),
            TableFilter("technique", "Technique", tuple(_technique_choices(session, rulesets, now))),
            TableFilter("managed", "Managed by", _managed_choices()),
            TableFilter("source", "From", tuple(_source_choices())),
            TableFilter("confirmed", "Last confirmed", _confirmed_choices(now)),
            TableFilter(WHERE, "US state", tuple(_place_choices()), counted=False),
        ),
        orders=_ORDERS | (_BY_NAME if found is not None else {}),
        options=(selectinload(Listing.locations),),
        searched=is_one_of(session, Listing.id, found, "found") if found is not None else None,
    )


def _state_choices(labels: Mapping[ListingState, str]) -> Iterator[Choice]:
    stored = sa.type_coerce(Listing.state, sa.String).concat("")
    for state in ListingState:
        where, beside_rare = partial(Listing.state.__eq__, state), partial(stored.__eq__, state.value)
        yield Choice(state.value, labels[state], where, beside_rare=beside_rare)


def _technique_choices(session: Session, rulesets: Rulesets, now: datetime) -> Iterator[Choice]:
    accepted, until = Attestation.state == AttestationState.ACCEPTED, effective_valid_until(rulesets)

    def has_any(*conditions: Condition) -> Condition:
        return Listing.id.in_(sa.select(Attestation.listing_id).where(*conditions))

    @cache
    def has_badge() -> Condition:
        matching = matching_attestations(session, (accepted, until >= now), rulesets=rulesets)
        return is_one_of(session, Listing.id, (listing_id for _, listing_id in matching), "badge")

    current = sa.exists().where(
        Attestation.listing_id == Listing.id,
        Attestation.state.in_((AttestationState.ACCEPTED, AttestationState.SUBMITTED)),
    )
    yield Choice("badge", "All answers match", has_badge, counted=False, is_rare=True)
    yield Choice("accepted", "Answers count", partial(has_any, accepted, until >= now), is_rare=True)
    waiting = partial(has_any, Attestation.state == AttestationState.SUBMITTED)
    yield Choice("waiting", "Answers wait", waiting, is_rare=True)
    yield Choice("expired", "Answers ran out", partial(has_any, accepted, until < now), is_rare=True)
    revoked = partial(has_any, Attestation.state == AttestationState.REVOKED)
    yield Choice("revoked", "Answers revoked", lambda: sa.and_(revoked(), ~current), is_rare=True)
    yield Choice("none", "Never signed", lambda: ~has_any(Attestation.signed_at.is_not(None)))


def _managed_choices() -> tuple[Choice, ...]:
    def is_managed() -> Condition:
        return Listing.id.in_(sa.select(ListingManager.listing_id))

    return Choice("somebody", "Somebody", is_managed, is_rare=True), Choice(
        "nobody", "Nobody yet", lambda: ~is_managed()
    )


def _source_choices() -> Iterator[Choice]:
    def is_from(source: ListingSource) -> Condition:
        # The first condition is that of the partial index.
        return _is_one_where(lambda listing: sa.and_(listing.source != ListingSource.NPPES, listing.source == source))

    yield Choice("nppes", "NPPES", lambda: Listing.source == ListingSource.NPPES)
    yield Choice("provider", "Provider", partial(is_from, ListingSource.PROVIDER), is_rare=True)
    yield Choice("demo", "Demonstration", partial(is_from, ListingSource.DEMO), is_rare=True)


def _confirmed_choices(now: datetime) -> tuple[Choice, ...]:
    def is_old() -> Condition:
        return _is_one_where(lambda listing: listing.last_confirmed < (now - CONFIRMED_WITHIN).date())

    return (
        Choice("old", f"Over {CONFIRMED_WITHIN.days} days ago", is_old, is_rare=True),
        Choice("never", "Never", lambda: Listing.last_confirmed.is_(None)),
    )


def _is_one_where(condition: Callable[[type[Listing]], Condition]) -> Condition:
    """SQL condition that few listings meet: a subquery, so that SQLite begins with its index and not with another."""
    few = aliased(Listing)
    return Listing.id.in_(sa.select(few.id).where(condition(few)))


def _place_choices() -> Iterator[Choice]:
    def is_in(code: str) -> Condition:
        return Listing.id.in_(sa.select(Location.listing_id).where(Location.state == code))

    def has_one_in(code: str) -> Condition:
        return sa.exists().where(Location.listing_id == Listing.id, Location.state == code)

    for code, name in sorted(STATES.items(), key=lambda pair: pair[1]):
        yield Choice(code, name, partial(is_in, code), beside_rare=partial(has_one_in, code))
