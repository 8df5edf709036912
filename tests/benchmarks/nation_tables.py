"""Inserts batches of the synthetic nation as published listings with accepted attestations."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from benchmarks.attestations import RULESET, AttestationFactory, SyntheticAttestation, npi, public_id
from benchmarks.bulk_insert import Columns, Constant, bulk_insert
from benchmarks.nation import BATCH, Batch, Listings, Locations, Nation
from benchmarks.population import PopulatedPlace, gazetteer_file, populated_places

from directory.accounts import tables as _accounts  # noqa: F401  attestations refer to its table
from directory.attestations import lifecycle as attestation_lifecycle
from directory.attestations.tables import Attestation, AttestationMove
from directory.certification.ruleset import Ruleset, bundled_rulesets
from directory.geocoding.place import Precision
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing, ListingMove, ListingSource, Location

SEED = 20261122

REVIEW_TIME = timedelta(days=2)
"""From signing to acceptance; arbitrary."""

PUBLISHED_BEFORE = timedelta(days=730)
"""How long ago all listings were published: before the earliest attestation."""


def insert_nation(
    engine: sa.Engine,
    rows: int,
    today: datetime,
    *,
    seed: int = SEED,
    progress: Callable[[int], object] = lambda _: None,
) -> None:
    """Insert a nation of `rows` listings into an empty, migrated database, a transaction for each batch.

    The same rows, seed and date give the same nation in every database.

    Args:
        engine: of the database.
        rows: how many listings to insert.
        today: midnight UTC; all dates count back from it.
        seed: another seed gives another nation.
        progress: called after each batch with the number of listings so far.
    """
    ruleset = bundled_rulesets().load(RULESET)
    nation = Nation(populated_places(gazetteer_file()), AttestationFactory(ruleset, today), seed=seed)
    for start in range(0, rows, BATCH):
        batch = nation.batch(start // BATCH).up_to(rows)
        with engine.begin() as connection:
            _insert(connection, batch, nation.places, ruleset, today)
        if progress:
            progress(batch.listings.id[-1])
    with engine.begin() as connection:
        _finish(connection)


def _insert(
    connection: sa.Connection, batch: Batch, places: list[PopulatedPlace], ruleset: Ruleset, today: datetime
) -> None:
    published_at = today - PUBLISHED_BEFORE
    for table, columns in (
        (Listing.__table__, _listings(batch.listings, published_at)),
        (Location.__table__, _locations(batch.locations, places)),
        (ListingMove.__table__, _listing_moves(batch.listings, published_at)),
        (Attestation.__table__, _attestations(batch.attestations, ruleset)),
        *((AttestationMove.__table__, columns) for columns in _attestation_moves(batch.attestations)),
    ):
        bulk_insert(connection, cast("sa.Table", table), columns)


def _finish(connection: sa.Connection) -> None:
    """Set the id sequences past the inserted ids, and update the planner's statistics."""
    if connection.dialect.name == "postgresql":
        for entity in (Listing, Attestation):
            sequence = sa.func.pg_get_serial_sequence(entity.__tablename__, "id")
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(sa.func.max(entity.id), 1))))
    connection.execute(sa.text("ANALYZE"))


def _listings(listings: Listings, published_at: datetime) -> Columns:
    return {
        "id": listings.id,
        # All slugs have the same length, so that they are inserted in the order of their index.
        "slug": [f"bench-{number:09d}" for number in listings.id],
        "kind": listings.kind,
        "name": listings.name,
        "credential": listings.credential,
        "practice": listings.practice,
        "npi": [npi(number) for number in listings.id],
        "specialty_code": listings.specialty_code,
        "phone": listings.phone,
        "source": Constant(ListingSource.DEMO),
        "state": Constant(ListingState.PUBLISHED),
        "last_confirmed": listings.confirmed,
        "accepts_new_patients": listings.accepting,
        "languages": listings.languages,
        "created_at": Constant(published_at),
        "updated_at": Constant(published_at),
        "version": Constant(1),
    }


def _locations(locations: Locations, places: list[PopulatedPlace]) -> Columns:
    found = [places[place] for place in locations.place]
    return {
        "listing_id": locations.listing_id,
        "ordinal": locations.ordinal,
        "line1": locations.line1,
        "city": [place.city for place in found],
        "state": [place.state for place in found],
        "postal_code": [place.postal_code for place in found],
        "lat": locations.lat,
        "lon": locations.lon,
        "precision": Constant(Precision.POINT.value),
        "uncertainty_miles": Constant(0.0),
    }


def _listing_moves(listings: Listings, published_at: datetime) -> Columns:
    return {
        "listing_id": listings.id,
        "move": Constant(Move.PUBLISH.value),
        "from_state": Constant(ListingState.SUBMITTED.value),
        "to_state": Constant(ListingState.PUBLISHED.value),
        "at": Constant(published_at),
    }


def _attestations(attestations: list[SyntheticAttestation], ruleset: Ruleset) -> Columns:
    signed_at = [one.signed_at for one in attestations]
    listing_ids = [one.listing_id for one in attestations]
    return {
        "id": listing_ids,
        "public_id": [public_id(number) for number in listing_ids],
        "listing_id": listing_ids,
        "ruleset_id": Constant(ruleset.id),
        "state": Constant(attestation_lifecycle.AttestationState.ACCEPTED),
        "answers": [one.answers for one in attestations],
        "statement": Constant(ruleset.statement),
        "signer_name": [one.signer_name for one in attestations],
        "signer_role": [one.signer_role for one in attestations],
        "subject_name": [one.subject_name for one in attestations],
        "subject_npi": [npi(number) for number in listing_ids],
        "signed_at": signed_at,
        "valid_until": [one.valid_until for one in attestations],
        "digest": [one.digest for one in attestations],
        "created_at": signed_at,
        "updated_at": [at + REVIEW_TIME for at in signed_at],
        "version": Constant(1),
    }


def _attestation_moves(attestations: list[SyntheticAttestation]) -> list[Columns]:
    states, moves = attestation_lifecycle.AttestationState, attestation_lifecycle.Move
    steps = (
        (moves.SUBMIT, states.DRAFT, states.SUBMITTED, timedelta(0)),
        (moves.ACCEPT, states.SUBMITTED, states.ACCEPTED, REVIEW_TIME),
    )
    return [
        {
            "attestation_id": [one.listing_id for one in attestations],
            "move": Constant(move.value),
            "from_state": Constant(start.value),
            "to_state": Constant(end.value),
            "at": [one.signed_at + after for one in attestations],
        }
        for move, start, end, after in steps
    ]
