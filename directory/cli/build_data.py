"""The commands `places build`, `places geocode` and `basemap build`."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from directory import resources
from directory.cli.installation import gazetteer, installation, progress, report_errors
from directory.geography.point import Point

if TYPE_CHECKING:
    from directory.basemap.built_up import ZipArea

PROGRESS_STEPS = 100
"""Steps of a build's progress bar."""

node_modules_option = click.option(
    "--node-modules",
    default="node_modules",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that npm installed into.",
)
target_option = click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write, if not to the package's data.",
)


@click.group()
def places() -> None:
    """The gazetteer, the local database of places for all place searches."""


@places.command("build")
@node_modules_option
@target_option
@click.option(
    "--geonames",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoNames' US.txt.",
)
@report_errors
def build_places(node_modules: Path, target: Path | None, geonames: Path | None) -> None:
    """Build the gazetteer.

    Example: bma-directory places build --to /srv/bma/places.sqlite --geonames US.txt
    """
    from directory.geocoding.build import build

    target = target or _data_folder() / "places.sqlite"
    with progress(PROGRESS_STEPS, "Places") as show:
        build(
            target,
            node_modules=node_modules,
            geonames=geonames,
            progress=lambda _what, share: show(int(share * PROGRESS_STEPS)),
        )
    click.echo(f"Wrote {target} ({target.stat().st_size / 1e6:.1f} MB).")


@places.command("geocode")
@click.argument("query")
@click.option("--reverse", is_flag=True, help="QUERY is a latitude and a longitude; print the town near it.")
@report_errors
def geocode_place(query: str, *, reverse: bool) -> None:
    """Print the places that the gazetteer finds for QUERY, likeliest first. Status 1 if there is none.

    Example: bma-directory places geocode "Springfield, IL"
    """
    from geopy.exc import GeocoderQueryError

    with installation(any_shape=True) as settings, gazetteer(settings) as geocoder:
        try:
            found = (geocoder.reverse if reverse else geocoder.geocode)(query, exactly_one=False)
        except GeocoderQueryError as error:
            raise click.ClickException(str(error)) from error
    for location in found or ():
        miles = location.raw["uncertainty_miles"]
        click.echo(
            f"{location.address}\t{location.latitude:.5f},{location.longitude:.5f}\t"
            f"{location.raw['precision']}, within {miles:.1f} miles"
        )
    if not found:
        raise click.ClickException(f"The gazetteer has no place for “{query}”.")


@click.group()
def basemap() -> None:
    """The background map."""


@basemap.command("build")
@node_modules_option
@target_option
@click.option(
    "--roads",
    "road_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TIGER primary roads or Natural Earth roads: GeoJSON or a zipped shapefile.",
)
@report_errors
def build_basemap(node_modules: Path, target: Path | None, road_file: Path | None) -> None:
    """Build the basemap and the state outlines.

    Example: bma-directory basemap build --roads tl_2025_us_primaryroads.zip
    """
    from directory.basemap.build import build
    from directory.basemap.roads import NO_ROADS, read_roads

    target = target or _data_folder() / "basemap.pmtiles"
    roads = read_roads(road_file) if road_file else NO_ROADS
    with progress(PROGRESS_STEPS, "Basemap") as show, _without_garbage_collection():
        build(
            target,
            node_modules=node_modules,
            zips=_zip_areas(node_modules),
            roads=roads,
            progress=lambda done, total: show(PROGRESS_STEPS * done // total),
        )
    click.echo(f"Wrote {target} ({target.stat().st_size / 1e6:.1f} MB).")


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable the garbage collector inside the block: in a build, it takes an eighth of the time and finds little."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _zip_areas(node_modules: Path) -> "list[ZipArea]":
    """Return the ZIP codes of the gazetteer's sources, by which the basemap tells built-up land."""
    from directory.basemap.built_up import ZipArea
    from directory.geocoding import zip_sources

    points = zip_sources.merge_points(
        zip_sources.read_census_points(node_modules),
        zip_sources.read_geonames_points(zip_sources.shipped_geonames(node_modules)),
        zip_sources.read_zip_facts(),
        towns={},
    )
    return [ZipArea(Point(point.lat, point.lon), point.population, point.square_miles) for point in points]


def _data_folder() -> Path:
    """Return the package's data folder; creates it before the first build."""
    folder = Path(resources.__file__).resolve().parent / "data"
    folder.mkdir(exist_ok=True)
    return folder
