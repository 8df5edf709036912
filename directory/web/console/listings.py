"""The table of all listings in every state: search, filters and export."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import attestations_of, is_expired
from directory.attestations.tables import Attestation
from directory.certification.standing import grade_stored
from directory.claims.queries import managers_of_listings
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingManager, ListingSource
from directory.review.listing_search import addressed_listing, find_listings
from directory.review.listing_table import listing_table
from directory.web.console.record_tables import Cell, ConsoleTable, FoundRecords, add_table
from directory.web.support.requests import now, services, session
from directory.web.support.state_labels import LISTING_LABELS
from directory.web.support.templating import format_day

MARKS = {
    ListingState.PUBLISHED: "right",
    ListingState.SUBMITTED: "between",
    ListingState.SUSPENDED: "wrong",
    ListingState.REJECTED: "wrong",
}
"""The mark of each state; the others have an empty one."""

SOURCES = {ListingSource.NPPES: "NPPES", ListingSource.PROVIDER: "Provider", ListingSource.DEMO: "Demonstration"}

_MARK_OF_NONE = "none"


@dataclass(frozen=True, slots=True)
class ListingExtras:
    """What a row shows besides the listing: who manages it, and its answers in words with their mark."""

    managers: Sequence[tuple[ListingManager, Account]]
    technique: tuple[str, str]


def _find(text: str) -> FoundRecords:
    found = find_listings(session(), text, index=services().index, now=now()) if text else None
    ids = found.ids if found else None
    rulesets = services().rulesets
    table = listing_table(session(), ids, labels=LISTING_LABELS, rulesets=rulesets, now=now())
    return FoundRecords(table, is_cut=found.is_cut if found else False)


def _shortcut(text: str) -> str | None:
    listing_id = addressed_listing(session(), text)
    return url_for("console.listing", listing_id=listing_id) if listing_id is not None else None


def listing_extras(listings: Sequence[Listing]) -> Mapping[int, ListingExtras]:
    """Return what rows show besides the listings, by listing id; runs two statements."""
    ids = [row.id for row in listings]
    managers, answers = managers_of_listings(session(), ids), dict[int, list[Attestation]]()
    for each in attestations_of(session(), ids):
        answers.setdefault(each.listing_id, []).append(each)
    return {row.id: ListingExtras(managers[row.id], technique_words(row, answers.get(row.id, []))) for row in listings}


def technique_words(listing: Listing, attestations: Sequence[Attestation]) -> tuple[str, str]:
    """Return what became of the answers of a listing, in words, and the mark; `attestations` are the newest first."""
    by_state = {each.state: each for each in reversed(attestations)}
    if accepted := by_state.get(AttestationState.ACCEPTED):
        return _accepted_words(listing, accepted, waits=AttestationState.SUBMITTED in by_state)
    if AttestationState.SUBMITTED in by_state:
        return "Answers wait", "between"
    if revoked := by_state.get(AttestationState.REVOKED):
        return f"Revoked {format_day(revoked.updated_at)}", "wrong"
    if AttestationState.RETURNED in by_state:
        return "Returned", "between"
    return "No answers yet", _MARK_OF_NONE


def _accepted_words(listing: Listing, accepted: Attestation, *, waits: bool) -> tuple[str, str]:
    until = services().rulesets.counts_until(accepted.ruleset_id, accepted.valid_until or accepted.updated_at)
    if is_expired(accepted, services().rulesets, now()):
        return f"Ran out {format_day(until)}", "wrong"
    graded = grade_stored(services().rulesets, accepted.ruleset_id, accepted.answers)
    matching = "Badge" if listing.state is ListingState.PUBLISHED else "All match"
    words = matching if graded.assessment.badge_earned else "Not all match"
    more = ", new answers wait" if waits else ""
    return f"{words}, to {format_day(until)}{more}", "right" if graded.assessment.badge_earned else "between"


def _cells(listings: Sequence[Listing]) -> Iterator[tuple[Cell, ...]]:
    extras = listing_extras(listings)
    for listing in listings:
        first, extra = next(iter(listing.locations), None), extras[listing.id]
        names = [account.name or account.email for _, account in extra.managers]
        yield (
            Cell(
                f"{listing.name}, {listing.credential}" if listing.credential else listing.name,
                url_for("console.listing", listing_id=listing.id),
                f"{first.city}, {first.state}" if first else "",
            ),
            Cell(listing.npi or "None"),
            Cell(LISTING_LABELS[listing.state], mark=MARKS.get(listing.state, _MARK_OF_NONE)),
            Cell(extra.technique[0], mark=extra.technique[1]),
            Cell(names[0] if names else "Nobody", note=f"and {len(names) - 1} more" if len(names) > 1 else ""),
            Cell(format_day(listing.last_confirmed) if listing.last_confirmed else "Never"),
            Cell(format_day(listing.updated_at)),
        )


def _first(listing: Listing, name: str) -> str:
    return str(getattr(listing.locations[0], name)) if listing.locations else ""


LISTINGS = add_table(
    ConsoleTable(
        name="listings",
        title="Listings",
        noun=("listing", "listings"),
        search_label="Name, NPI, address, owner, or a pasted public address",
        headers=("Name", "NPI", "State", "Technique", "Managed by", "Confirmed", "Changed"),
        find=_find,
        cells=_cells,
        shortcut=_shortcut,
        prepare=listing_extras,
        exported={
            "id": lambda row, _: row.id,
            "web address": lambda row, _: f"/providers/{row.slug}",
            "name": lambda row, _: row.name,
            "credential": lambda row, _: row.credential,
            "practice": lambda row, _: row.practice,
            "npi": lambda row, _: row.npi,
            "state": lambda row, _: LISTING_LABELS[row.state],
            "technique": lambda _, more: more.technique[0],
            "managed by": lambda _, more: "; ".join(account.email for _, account in more.managers),
            "from": lambda row, _: SOURCES[row.source],
            "street": lambda row, _: _first(row, "line1"),
            "city": lambda row, _: _first(row, "city"),
            "us state": lambda row, _: _first(row, "state"),
            "zip": lambda row, _: _first(row, "postal_code"),
            "addresses": lambda row, _: len(row.locations),
            "phone": lambda row, _: row.phone,
            "confirmed": lambda row, _: row.last_confirmed,
            "changed": lambda row, _: row.updated_at.isoformat(timespec="seconds"),
        },
    )
)
