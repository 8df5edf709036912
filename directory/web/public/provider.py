"""The provider page: the listing, its addresses and the provider's signed answers."""

from collections.abc import Mapping
from datetime import datetime

from directory.attestations.tables import Attestation
from directory.badges.listing_standing import current_standing
from directory.basemap.static_map import Marker
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import InspectionSummary, summarize_labels
from directory.geocoding.place import Precision
from directory.geography.point import Point
from directory.listings.facts import ListingFacts, summarize_facts
from directory.listings.kinds import ListingKind
from directory.listings.specialties import specialty_label
from directory.listings.tables import Listing, ListingSource, Location
from directory.web.public.directions import directions
from directory.web.public.pages import PracticeLocation, ProviderPage
from directory.web.support.findings import detail_rows, finding_rows
from directory.web.support.listing_facts import location_facts, public_facts, public_links
from directory.web.support.site_settings import notices_of_states
from directory.web.support.static_map import page_map

SOURCE_NOTES = {
    ListingSource.NPPES: "Name, address and phone are from public NPPES data, the registry of all health care "
    "providers in the United States. Nobody from the practice has confirmed this listing.",
    ListingSource.DEMO: "This provider is made up for the demonstration.",
    ListingSource.PROVIDER: "Name, address and phone are as the provider entered them.",
}
CLAIMED_NOTE = "First taken from public NPPES data, and since then kept by the provider."

PLACEMENT_NOTES = {
    Precision.ADDRESS: "",
    Precision.POINT: "",
    Precision.POSTAL: "On the map at about the middle of the ZIP code.",
    Precision.PREFIX: "On the map only roughly: the ZIP code has no point of its own.",
    Precision.CITY: "On the map at about the middle of the city.",
}
NOT_PLACED_NOTE = "Not on the map: this address could not be placed."


def provider_page(
    listing: Listing,
    attestation: Attestation | None,
    *,
    rulesets: Rulesets,
    now: datetime,
    seen: Mapping[str, InspectionSummary] | None = None,
) -> ProviderPage:
    """Build the page of what is public of a listing now; `seen` maps answers to the reviewers' inspections."""
    standing = current_standing(attestation, rulesets, now, seen)
    signed = standing.technique
    spots = tuple(_practice_location(number, row, listing) for number, row in enumerate(listing.locations, 1))
    return ProviderPage(
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        practice=listing.practice if listing.practice.casefold() != listing.name.casefold() else "",
        specialty=specialty_label(listing.specialty_code),
        is_person=listing.kind is ListingKind.PERSON,
        npi=listing.npi or "",
        phone=listing.phone,
        links=public_links(listing),
        today=standing,
        answers=finding_rows(signed.ruleset, signed.assessment, signed.labels, signed.seen) if signed else (),
        state_notices=notices_of_states(row.state for row in listing.locations),
        tally=summarize_labels(signed.labels) if signed else "",
        details=detail_rows(signed.ruleset, signed.details) if signed else (),
        spots=spots,
        picture=page_map([_marker(spot, listing.name, badge=standing.badge) for spot in spots]),
        facts=public_facts(listing),
        in_short=summarize_facts(ListingFacts.of(listing)),
        last_confirmed=listing.last_confirmed,
        source_note=_source_note(listing),
        claim="" if listing.managers else f"/providers/{listing.slug}/claim",
        json=f"/api/v1/providers/{listing.slug}",
        verify=f"/verify/{attestation.public_id}" if attestation and signed else "",
    )


def _source_note(listing: Listing) -> str:
    if listing.source is ListingSource.NPPES and listing.managers:
        return CLAIMED_NOTE
    return SOURCE_NOTES[listing.source]


def _practice_location(number: int, row: Location, listing: Listing) -> PracticeLocation:
    return PracticeLocation(
        number=number,
        anchor=f"place-{number}",
        line1=row.line1,
        line2=row.line2,
        city=row.city,
        state=row.state,
        postal_code=row.postal_code,
        phone=row.phone or listing.phone,
        facts=location_facts(row),
        directions=directions(row),
        placed=PLACEMENT_NOTES[Precision(row.precision)] if row.lat is not None and row.precision else NOT_PLACED_NOTE,
        lat=row.lat,
        lon=row.lon,
    )


def _marker(spot: PracticeLocation, name: str, *, badge: bool) -> Marker | None:
    if spot.lat is None or spot.lon is None:
        return None
    return Marker(spot.number, Point(spot.lat, spot.lon), f"{name}, {spot.city}", badge, spot.anchor)
