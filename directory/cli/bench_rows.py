"""Writes a part of the synthetic nation into the directory's own tables, as published entries with accepted answers."""

from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations.tables import Attestation, AttestationMove
from directory.certification.ruleset import Ruleset
from directory.cli.bench_answers import Signed, npi, public_id
from directory.cli.bench_loading import Columns, Same, load
from directory.cli.bench_nation import Listings, Locations, Part
from directory.geocoding.homes import Home
from directory.geocoding.place import Precision
from directory.listings.lifecycle import Move, State
from directory.listings.tables import Listing, ListingMove, Location, Source

SLUG = "bench-"
"""How the slugs of all synthetic listings begin."""

ACCEPTED_AFTER = timedelta(days=2)
"""How long a made-up reviewer takes; arbitrary."""

LISTED_SINCE = timedelta(days=730)
"""How long before today the nation was published: before the first of its answers."""


def slug(number: int) -> str:
    """The name of an entry in addresses; all have the same length, so that an index of them grows at its end."""
    return f"{SLUG}{number:09d}"


def write(connection: sa.Connection, part: Part, homes: list[Home], ruleset: Ruleset, today: datetime) -> int:
    """Insert all rows of a part in the connection's transaction; how many listings it has."""
    listings, signed = part.listings, part.signed
    begun = today - LISTED_SINCE
    for table, columns in (
        (Listing.__table__, _of_listings(listings, begun)),
        (Location.__table__, _of_locations(part.locations, homes)),
        (ListingMove.__table__, _of_publishing(listings, begun)),
        (Attestation.__table__, _of_attestations(signed, ruleset)),
        *((AttestationMove.__table__, columns) for columns in _of_deciding(signed)),
    ):
        load(connection, cast("sa.Table", table), columns)
    if connection.dialect.name == "postgresql":
        # Numbers that were given by hand are not counted by those who give the next.
        for entity in (Listing, Attestation):
            sequence = sa.func.pg_get_serial_sequence(entity.__tablename__, "id")
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.max(entity.id))))
    return len(listings.number)


def _of_listings(listings: Listings, begun: datetime) -> Columns:
    return {
        "id": listings.number,
        "slug": [slug(number) for number in listings.number],
        "kind": listings.kind,
        "name": listings.name,
        "credential": listings.credential,
        "practice": listings.practice,
        "npi": [npi(number) for number in listings.number],
        "specialty_code": listings.specialty_code,
        "phone": listings.phone,
        "source": Same(Source.DEMO),
        "state": Same(State.PUBLISHED),
        "last_confirmed": listings.confirmed,
        "accepts_new_patients": listings.accepting,
        "languages": listings.languages,
        "created_at": Same(begun),
        "updated_at": Same(begun),
        "version": Same(1),
    }


def _of_locations(locations: Locations, homes: list[Home]) -> Columns:
    stand_in = [homes[home] for home in locations.home]
    return {
        "listing_id": locations.number,
        "ordinal": locations.ordinal,
        "line1": locations.line1,
        "city": [home.city for home in stand_in],
        "state": [home.state for home in stand_in],
        "postal_code": [home.postal_code for home in stand_in],
        "lat": locations.lat,
        "lon": locations.lon,
        "precision": Same(Precision.POINT.value),
        "uncertainty_miles": Same(0.0),
    }


def _of_publishing(listings: Listings, begun: datetime) -> Columns:
    """The one move without which the public record would say that they were never listed."""
    return {
        "listing_id": listings.number,
        "move": Same(Move.PUBLISH.value),
        "from_state": Same(State.SUBMITTED.value),
        "to_state": Same(State.PUBLISHED.value),
        "at": Same(begun),
    }


def _of_attestations(signed: list[Signed], ruleset: Ruleset) -> Columns:
    signed_at = [one.signed_at for one in signed]
    return {
        "id": [one.number for one in signed],
        "public_id": [public_id(one.number) for one in signed],
        "listing_id": [one.number for one in signed],
        "ruleset_id": Same(ruleset.id),
        "state": Same(attestation_lifecycle.State.ACCEPTED),
        "answers": [one.answers for one in signed],
        "statement": Same(ruleset.statement),
        "signer_name": [one.signer for one in signed],
        "signer_role": [one.role for one in signed],
        "subject_name": [one.name for one in signed],
        "subject_npi": [npi(one.number) for one in signed],
        "signed_at": signed_at,
        "valid_until": [one.valid_until for one in signed],
        "digest": [one.digest for one in signed],
        "created_at": signed_at,
        "updated_at": [at + ACCEPTED_AFTER for at in signed_at],
        "version": Same(1),
    }


def _of_deciding(signed: list[Signed]) -> list[Columns]:
    states, moves = attestation_lifecycle.State, attestation_lifecycle.Move
    steps = (
        (moves.SUBMIT, states.DRAFT, states.SUBMITTED, timedelta(0)),
        (moves.ACCEPT, states.SUBMITTED, states.ACCEPTED, ACCEPTED_AFTER),
    )
    return [
        {
            "attestation_id": [one.number for one in signed],
            "move": Same(move.value),
            "from_state": Same(start.value),
            "to_state": Same(end.value),
            "at": [one.signed_at + after for one in signed],
        }
        for move, start, end, after in steps
    ]
