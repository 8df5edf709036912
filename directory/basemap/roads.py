"""Reads the roads of a file that an operator supplies: TIGER or Natural Earth, as GeoJSON or a zipped shapefile."""

import io
import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from directory.errors import FieldError, Invalid

MAX_BYTES: Final = 300_000_000
"""Unpacked; the nation's primary roads take a tenth of it."""
HIGHWAY, MAJOR_ROAD = "highway", "major_road"
"""Protomaps' kinds of roads that the map draws."""
TIGER_CREDIT = "Roads: U.S. Census Bureau, TIGER/Line."
NATURAL_EARTH_CREDIT = "Made with Natural Earth."

_TIGER_FIELDS = {"fullname", "rttyp", "mtfcc"}
_NATURAL_EARTH_FIELDS = {"scalerank", "type"}
_TIGER_KINDS = {"S1100": HIGHWAY, "S1200": MAJOR_ROAD}
_NATURAL_EARTH_KINDS = {
    "Major Highway": HIGHWAY, "Beltway": HIGHWAY, "Freeway": HIGHWAY, "Tollway": HIGHWAY, "Bypass": HIGHWAY,
    "Secondary Highway": MAJOR_ROAD, "Primary": MAJOR_ROAD, "Secondary": MAJOR_ROAD,
}  # fmt: skip
_NUMBERED = re.compile(r"(I|US|U\.S\.|State)[ -]*(?:Hwy|Rte)?[ -]*(\d+\w?)", re.IGNORECASE)
_FIRST_ZOOM = {HIGHWAY: 5, MAJOR_ROAD: 7}

Coordinates = list[tuple[float, float]]
Rows = list[tuple[Mapping[str, Any], list[Any]]]
"""The fields and the lines of each feature of a file."""


@dataclass(frozen=True, slots=True)
class Road:
    """A stretch of road: its kind, its number ("I-70") or an empty string, and its points, longitude first."""

    kind: str
    ref: str
    line: Coordinates

    @property
    def first_zoom(self) -> int:
        """The zoom level from which it is drawn."""
        return _FIRST_ZOOM[self.kind]


@dataclass(frozen=True, slots=True)
class Roads:
    """The roads of a file, and the credit line of their publisher."""

    lines: list[Road]
    credit: str


NO_ROADS = Roads([], "")


def read_roads(path: Path) -> Roads:
    """Read the main roads of a file of TIGER's primary roads or of Natural Earth.

    Raises:
        Invalid: it is another file, a broken one, or too large.
    """
    try:
        features = _read_shapefile(path) if zipfile.is_zipfile(path) else _read_geojson(path)
        rows = [({str(name).lower(): value for name, value in row.items()}, lines) for row, lines in features]
        credit, kinds = _source_of(path, rows[0][0] if rows else {})
        roads = [
            Road(kind, _number_of(row), points)
            for row, lines in rows
            if (kind := kinds.get(str(row.get("mtfcc") or row.get("type"))))
            for line in lines
            if len(points := _checked(line, path)) > 1
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, struct.error) as fault:
        raise _refusal(path, "is broken or has another format than GeoJSON or a zipped shapefile") from fault
    if not roads:
        raise _refusal(path, "has no highways and no main roads in it")
    return Roads(roads, credit)


def _refusal(path: Path, reason: str) -> Invalid:
    wanted = "Give a file of TIGER/Line primary roads or of Natural Earth roads."
    return Invalid([FieldError("roads", f"{path.name} {reason}. {wanted}")])


def _source_of(path: Path, row: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    if row.keys() >= _TIGER_FIELDS:
        return TIGER_CREDIT, _TIGER_KINDS
    if row.keys() >= _NATURAL_EARTH_FIELDS:
        return NATURAL_EARTH_CREDIT, _NATURAL_EARTH_KINDS
    raise _refusal(path, "is neither of TIGER/Line nor of Natural Earth, by the names of its fields")


def _number_of(row: Mapping[str, Any]) -> str:
    """Return the number of a road as on its signs, such as "I-70", or an empty string."""
    if found := _NUMBERED.match(str(row.get("fullname") or "").strip()):
        return f"{found[1].replace('.', '').upper().replace('STATE', '')}-{found[2]}".lstrip("-")
    prefix = {"Interstate": "I-", "Federal": "US-"}.get(str(row.get("class") or row.get("level")), "")
    number = str(row.get("number") or row.get("name") or "")
    return f"{prefix}{number}" if number[:1].isdigit() else ""


def _checked(line: Any, path: Path) -> Coordinates:
    """Return the points of a line; refuse those that are not degrees, as of a projected file."""
    points = [(float(point[0]), float(point[1])) for point in line]
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in points):
        raise _refusal(path, "is not in degrees of longitude and latitude")
    return points


def _read_geojson(path: Path) -> Rows:
    """Return the properties and the lines of each feature."""
    if path.stat().st_size > MAX_BYTES:
        raise _too_large(path)
    features = json.loads(path.read_bytes())["features"]
    return [(feature["properties"] or {}, _lines_of(feature["geometry"] or {})) for feature in features]


def _lines_of(geometry: Mapping[str, Any]) -> list[Any]:
    """Return the lines of a GeoJSON geometry; other shapes have none."""
    kind = geometry.get("type")
    if kind == "MultiLineString":
        return list(geometry["coordinates"])
    return [geometry["coordinates"]] if kind == "LineString" else []


def _read_shapefile(path: Path) -> Rows:
    """Return the attributes and the lines of each record of the one shapefile in a zip file."""
    import shapefile

    damage = (shapefile.ShapefileException, shapefile.PossiblyCorruptFileHeader)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {Path(entry.filename).suffix.lower(): entry for entry in archive.infolist()}
            wanted = [parts[suffix] for suffix in (".shp", ".dbf")]
            if sum(entry.file_size for entry in wanted) > MAX_BYTES:
                raise _too_large(path)
            shapes, attributes = (io.BytesIO(archive.read(entry)) for entry in wanted)
        with (
            warnings.catch_warnings(action="error", category=shapefile.PossiblyCorruptFileHeader),
            shapefile.Reader(shp=shapes, dbf=attributes, encodingErrors="replace") as reader,
        ):
            return [(one.record.as_dict(), _lines_of(one.shape.__geo_interface__)) for one in reader.iterShapeRecords()]
    # An encrypted entry is a RuntimeError of zipfile, an unknown compression a NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, *damage) as fault:
        raise ValueError from fault


def _too_large(path: Path) -> Invalid:
    return _refusal(path, f"is larger than {MAX_BYTES // 1_000_000} MB")
