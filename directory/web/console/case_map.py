"""The map of a case: where the listing's addresses are, and where a change would put them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from directory.basemap.static_map import Marker, StaticMap
from directory.geography.point import Point, miles_between
from directory.listings.changes import ADDRESSES, Document, FieldChange, address_text
from directory.listings.tables import Listing
from directory.web.support.static_map import page_map


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A numbered point of the map, described by `text`."""

    number: int
    text: str

    @property
    def anchor(self) -> str:
        """The id of its description on the page."""
        return f"point-{self.number}"


@dataclass(frozen=True, slots=True)
class CaseMap:
    """The drawing and the description of each of its points."""

    picture: StaticMap
    points: tuple[MapPoint, ...]


def case_map(listing: Listing, changes: Sequence[FieldChange]) -> CaseMap | None:
    """Return the map of a listing's addresses and of those that a change moves; None if nothing is placed."""
    found = list(_points(listing, changes))
    points = tuple(MapPoint(number, text) for number, (text, _) in enumerate(found, 1))
    markers = [
        Marker(described.number, point, described.text, badge=False, anchor=described.anchor)
        for described, (_, point) in zip(points, found, strict=True)
    ]
    picture = page_map(markers)
    return CaseMap(picture, points) if picture else None


def _points(listing: Listing, changes: Sequence[FieldChange]) -> Iterator[tuple[str, Point]]:
    now = {row.id: Point(row.lat, row.lon) for row in listing.locations if row.lat is not None and row.lon is not None}
    for row in listing.locations:
        if row.id in now:
            yield f"Now: {row.line1}, {row.city}, {row.state} {row.postal_code}", now[row.id]
    for change in changes:
        for document in change.new if change.field == ADDRESSES else ():
            point = _point(document)
            before = now.get(document["id"])
            if point is not None and point != before:
                moved = f", {miles_between(before, point):,.1f} miles away" if before else ", a new address"
                yield f"Proposed: {address_text(document)}{moved}", point


def _point(document: Document) -> Point | None:
    lat, lon = document["lat"], document["lon"]
    return Point(lat, lon) if lat is not None and lon is not None else None
