"""The server-drawn map of a page, built from the basemap's outline file; pages work without it."""

import functools
from collections.abc import Iterable
from pathlib import Path

from directory import resources
from directory.basemap.outline import Outline, read_outline
from directory.basemap.static_map import Marker, StaticMap, build_static_map
from directory.geography.point import Point


def page_map(
    markers: Iterable[Marker | None], *, origin: Point | None = None, within_miles: float | None = None
) -> StaticMap | None:
    """Return the map around `origin`, or around the markers; None without an outline file or anything to show."""
    placed = [marker for marker in markers if marker is not None]
    path = resources.folder("data") / "outline.json"
    if not path.exists() or not (placed or origin):
        return None
    return build_static_map(_outline(path), placed, origin=origin, within_miles=within_miles)


@functools.cache
def _outline(path: Path) -> Outline:
    """Read the outline once per worker process."""
    return read_outline(path)
