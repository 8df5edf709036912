"""The server-drawn map of a page, built from the basemap's outline file; pages work without it."""

import functools
from collections.abc import Iterable
from pathlib import Path

from directory import resources
from directory.basemap.outline import Outline, read_outline
from directory.basemap.static_map import Marker, StaticMap, build_static_map
from directory.geography.point import Point
from directory.web.support.requests import services


def page_map(
    markers: Iterable[Marker | None], *, origin: Point | None = None, within_miles: float | None = None
) -> StaticMap | None:
    """Return the map around `origin`, or around the markers; None without an outline file or anything to show."""
    placed = [marker for marker in markers if marker is not None]
    outline = _outline()
    if outline is None or not (placed or origin):
        return None
    return build_static_map(outline, placed, origin=origin, within_miles=within_miles)


def map_credits() -> str:
    """Return whom the map is owed to; empty without an outline file."""
    outline = _outline()
    return outline.credits_line if outline else ""


def _outline() -> Outline | None:
    """Return the operator's own outline, otherwise the one that ships; None without either."""
    files = (services().settings.outline, resources.folder("data") / "outline.json")
    return next((_read_once(path) for path in files if path.exists()), None)


@functools.cache
def _read_once(path: Path) -> Outline:
    """Read the outline once per worker process."""
    return read_outline(path)
