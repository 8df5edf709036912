"""A provider's page: the entry, its addresses, and what was signed, answer by answer."""

from collections.abc import Mapping
from datetime import datetime

from directory.attestations.tables import Attestation
from directory.badges.standings import today
from directory.basemap.picture import Marker
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import Seen, tally
from directory.geocoding.place import Precision
from directory.geography.point import Point
from directory.listings.facts import Facts, facts_in_short
from directory.listings.kinds import Kind
from directory.listings.specialties import specialty_label
from directory.listings.tables import Listing, Location, Source
from directory.web.public.directions import directions
from directory.web.public.drawing import picture_of
from directory.web.public.pages import ProviderPage, Spot
from directory.web.support.findings import detail_rows, finding_rows
from directory.web.support.listing_facts import location_facts, public_facts, public_links

SOURCE_NOTES = {
    Source.NPPES: "Name, address and phone are from public NPPES data, the registry of all health care providers in "
    "the United States. Nobody from the practice has confirmed this listing.",
    Source.DEMO: "This provider is made up for the demonstration.",
    Source.PROVIDER: "Name, address and phone are as the provider entered them.",
}
CLAIMED_NOTE = "First taken from public NPPES data, and since then kept by the provider."

PLACED = {
    Precision.ADDRESS: "",
    Precision.POINT: "",
    Precision.POSTAL: "On the map at about the middle of the ZIP code.",
    Precision.PREFIX: "On the map only roughly: the ZIP code has no point of its own.",
    Precision.CITY: "On the map at about the middle of the city.",
}
NOT_PLACED = "Not on the map: this address could not be placed."


def provider_page(
    listing: Listing,
    attestation: Attestation | None,
    *,
    rulesets: Rulesets,
    now: datetime,
    seen: Mapping[str, Seen] | None = None,
) -> ProviderPage:
    """All that is public of a listing at this moment; `seen` is what reviewers saw for its answers."""
    standing = today(attestation, rulesets, now, seen)
    signed = standing.technique
    spots = tuple(_spot(number, row, listing) for number, row in enumerate(listing.locations, 1))
    return ProviderPage(
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        practice=listing.practice if listing.practice.casefold() != listing.name.casefold() else "",
        specialty=specialty_label(listing.specialty_code),
        is_person=listing.kind is Kind.PERSON,
        npi=listing.npi or "",
        phone=listing.phone,
        links=public_links(listing),
        today=standing,
        answers=finding_rows(signed.ruleset, signed.assessment, signed.labels, signed.seen) if signed else (),
        tally=tally(signed.labels) if signed else "",
        details=detail_rows(signed.ruleset, signed.details) if signed else (),
        spots=spots,
        picture=picture_of([_marker(spot, listing.name, badge=standing.badge) for spot in spots]),
        facts=public_facts(listing),
        in_short=facts_in_short(Facts.of(listing)),
        last_confirmed=listing.last_confirmed,
        source_note=_source_note(listing),
        json=f"/api/v1/providers/{listing.slug}",
        verify=f"/verify/{attestation.public_id}" if attestation and signed else "",
    )


def _source_note(listing: Listing) -> str:
    if listing.source is Source.NPPES and listing.owner_id is not None:
        return CLAIMED_NOTE
    return SOURCE_NOTES[listing.source]


def _spot(number: int, row: Location, listing: Listing) -> Spot:
    return Spot(
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
        placed=PLACED[Precision(row.precision)] if row.lat is not None and row.precision else NOT_PLACED,
        lat=row.lat,
        lon=row.lon,
    )


def _marker(spot: Spot, name: str, *, badge: bool) -> Marker | None:
    if spot.lat is None or spot.lon is None:
        return None
    return Marker(spot.number, Point(spot.lat, spot.lon), f"{name}, {spot.city}", badge, spot.anchor)
