"""The rows that the peers are given: one for each location, with the answers that their filters read."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from directory import clock
from directory.accounts import tables as _accounts  # noqa: F401  attestations refer to its table
from directory.attestations.tables import Attestation
from directory.listings.tables import Location


class PeerRow(NamedTuple):
    """A location; its volume in mL and its bone are None where there are no answers that count today."""

    id: int
    lat: float
    lon: float
    volume: float | None
    ct: bool
    bone: str | None


CONDITIONS = {"100 %": "", "6 %": "volume <= 20", "0.6 %": "ct", "0.03 %": "bone = 'calcaneus'"}
"""The filters of `queries.SELECTIVITIES` as SQL conditions on `PeerRow`."""

FACTS = {"100 %": "", "6 %": "volume-20", "0.6 %": "ct", "0.03 %": "calcaneus"}
"""The same filters as facts that a row has or has not."""

_NO_ANSWERS = (None, False, None)


def peer_rows(engine: sa.Engine) -> Iterator[PeerRow]:
    """All locations of a nation, in the order of their ids."""
    live = sa.select(Attestation.listing_id, Attestation.answers).where(Attestation.valid_until >= clock.now())
    locations = sa.select(Location.listing_id, Location.id, Location.lat, Location.lon).order_by(Location.id)
    with engine.connect() as connection:
        answers = {listing_id: _columns(given) for listing_id, given in connection.execute(live)}
        for listing_id, location_id, lat, lon in connection.execution_options(yield_per=10_000).execute(locations):
            yield PeerRow(location_id, lat, lon, *answers.get(listing_id, _NO_ANSWERS))


def facts(row: PeerRow) -> list[str]:
    """Which of `FACTS` hold for a row."""
    found = {"volume-20": row.volume is not None and row.volume <= 20, "ct": row.ct, row.bone or "": bool(row.bone)}
    return [name for name, holds in found.items() if holds and name in FACTS.values()]


def _columns(answers: dict[str, Any]) -> tuple[float | None, bool, str | None]:
    volume = answers.get("volume_per_site_ml")
    most = volume[1] if isinstance(volume, list) else volume
    methods = (answers.get("imaging_guidance") or {}).get("methods", ())
    return most, "ct" in methods, answers.get("harvest_bone")
