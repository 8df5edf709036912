"""Builds the JSON documents of API version 1, a public format that is only ever extended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from directory.badges.listing_standing import CurrentStanding, Technique
from directory.badges.public_listings import PublicListing, PublicLocation
from directory.certification.answers import answers_to_json
from directory.certification.ruleset import Ruleset
from directory.certification.scoring import Assessment
from directory.geocoding.place import Place
from directory.listings.field import Field
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.placement_fields import COORDINATE_DIGITS
from directory.listings.tables import Listing, Location
from directory.search.index import Hit
from directory.web.support.site_settings import is_related_to_operator

MILE_DIGITS = 2

Document = dict[str, Any]


def place_document(place: Place) -> Document:
    """Return a place with its precision, as resolved from `near`."""
    return {
        "label": place.label,
        "state": place.state,
        "lat": round(place.point.lat, COORDINATE_DIGITS),
        "lon": round(place.point.lon, COORDINATE_DIGITS),
        "precision": place.precision.value,
        "uncertainty_miles": round(place.uncertainty_miles, 1),
    }


def hit_document(hit: Hit, entry: PublicListing) -> Document:
    """Return a provider in a result list, at the matching location; a search by name has no distance."""
    miles = None if hit.miles is None else round(hit.miles, MILE_DIGITS)
    outside = None if hit.miles is None else hit.outside_radius
    return _provider(entry, entry.today, entry.location, miles=miles, outside_radius=outside)


def provider_document(listing: Listing, today: CurrentStanding) -> Document:
    """Return one provider with all locations; without a search origin there is no distance."""
    document = _provider(listing, today, listing.locations[0], miles=None, outside_radius=None)
    return {**document, "locations": [_declared(LOCATION_FIELDS, row) for row in listing.locations]}


def feature(document: Document) -> Document:
    """Return a provider as a GeoJSON feature (RFC 7946: longitude first); null geometry if it is not geocoded."""
    location = document["location"]
    placed = location["lat"] is not None
    geometry = {"type": "Point", "coordinates": [location["lon"], location["lat"]]} if placed else None
    return {"type": "Feature", "id": document["slug"], "geometry": geometry, "properties": document}


def assessment_document(ruleset: Ruleset, assessment: Assessment) -> Document:
    """Return the grades of answers under a ruleset."""
    answers = answers_to_json(ruleset, assessment.answers)
    return {
        "ruleset": ruleset.id,
        "grade": assessment.grade.word,
        "badge_earned": assessment.badge_earned,
        "findings": _findings(assessment, answers),
    }


def _provider(
    listing: Listing | PublicListing,
    today: CurrentStanding,
    location: Location | PublicLocation,
    *,
    miles: float | None,
    outside_radius: bool | None,
) -> Document:
    return {
        **_declared(LISTING_FIELDS, listing),
        "miles": miles,
        "outside_radius": outside_radius,
        "location": _declared(LOCATION_FIELDS, location),
        "standing": today.standing.value,
        "badge": today.badge,
        "technique": _technique(today.technique, today) if today.technique else None,
        "related_to_operator": is_related_to_operator(listing.slug),
    }


def _declared(fields: Sequence[Field], row: Listing | PublicListing | Location | PublicLocation) -> Document:
    return {each.api_name: each.to_json(getattr(row, each.name)) for each in fields if each.api_name}


def _technique(technique: Technique, today: CurrentStanding) -> Document:
    answers = answers_to_json(technique.ruleset, technique.answers)
    return {
        "grade": technique.assessment.grade.word,
        "badge": today.badge,
        "self_attested": True,
        "words": today.words.line,
        "ruleset": technique.ruleset.id,
        "signed_on": technique.signed_at.date().isoformat(),
        "valid_until": _isoformat(technique.valid_until),
        "findings": [
            {**finding, "proof": technique.labels.get(finding["criterion"])}
            for finding in _findings(technique.assessment, answers)
        ],
    }


def _findings(assessment: Assessment, answers: Mapping[str, Any]) -> Sequence[Document]:
    return [
        {
            "criterion": finding.criterion,
            "answer": answers.get(finding.criterion),
            "grade": finding.grade.word,
            "sentence": finding.sentence,
        }
        for finding in assessment.findings
    ]


def _isoformat(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
