"""Road files of an operator: each of the four layouts is read, and everything else is refused in one sentence."""

import io
import json
import zipfile

import pytest
import shapefile

from directory.basemap.roads import NATURAL_EARTH_CREDIT, TIGER_CREDIT, read_roads
from directory.errors import Invalid

I70 = [(-105.6, 39.7), (-105.0, 39.78), (-104.4, 39.74)]
US36 = [(-105.25, 40.0), (-105.0, 39.85)]
STREET = [(-105.0, 39.7), (-105.0, 39.71)]
FERRY = [(-75.1, 38.78), (-74.96, 38.97)]

TIGER = [
    ({"LINEARID": "1", "FULLNAME": "I- 70", "RTTYP": "I", "MTFCC": "S1100"}, I70),
    ({"LINEARID": "2", "FULLNAME": "US Hwy 36", "RTTYP": "U", "MTFCC": "S1200"}, US36),
    ({"LINEARID": "3", "FULLNAME": "Elm St", "RTTYP": "M", "MTFCC": "S1400"}, STREET),
]
NATURAL_EARTH = [
    ({"scalerank": 3, "type": "Major Highway", "level": "Interstate", "name": "70"}, I70),
    ({"scalerank": 5, "type": "Secondary Highway", "level": "Federal", "name": "36"}, US36),
    ({"scalerank": 9, "type": "Ferry Route", "level": "", "name": ""}, FERRY),
]


def write_geojson(path, rows):
    features = [
        {"type": "Feature", "properties": row, "geometry": {"type": "LineString", "coordinates": line}}
        for row, line in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def write_shapefile(path, rows):
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYLINE) as writer:
        for name, value in rows[0][0].items():
            writer.field(name, "N" if isinstance(value, int) else "C")
        for row, line in rows:
            writer.line([line])
            writer.record(*row.values())
    with zipfile.ZipFile(path, "w") as archive:
        for suffix, content in parts.items():
            archive.writestr(f"roads.{suffix}", content.getvalue())
    return path


LAYOUTS = {
    "TIGER as GeoJSON": (write_geojson, "roads.geojson", TIGER, TIGER_CREDIT),
    "TIGER as a shapefile": (write_shapefile, "roads.zip", TIGER, TIGER_CREDIT),
    "Natural Earth as GeoJSON": (write_geojson, "roads.geojson", NATURAL_EARTH, NATURAL_EARTH_CREDIT),
    "Natural Earth as a shapefile": (write_shapefile, "roads.zip", NATURAL_EARTH, NATURAL_EARTH_CREDIT),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_main_roads_of_a_file_are_read_with_their_numbers_and_their_credit(tmp_path, layout):
    write, name, rows, credit_line = LAYOUTS[layout]
    roads = read_roads(write(tmp_path / name, rows))
    found = [(road.kind, road.ref, road.line) for road in roads.lines]
    assert found == [("highway", "I-70", I70), ("major_road", "US-36", US36)]
    assert roads.credit == credit_line


def test_the_credits_are_those_that_the_publishers_ask_for():
    assert TIGER_CREDIT == "Roads: U.S. Census Bureau, TIGER/Line."
    assert NATURAL_EARTH_CREDIT == "Made with Natural Earth."


def test_a_road_in_parts_is_several_lines(tmp_path):
    geometry = {"type": "MultiLineString", "coordinates": [I70, US36]}
    feature = {"type": "Feature", "properties": TIGER[0][0], "geometry": geometry}
    path = tmp_path / "roads.geojson"
    path.write_text(json.dumps({"features": [feature]}))
    assert [road.line for road in read_roads(path).lines] == [I70, US36]


def refusal(path):
    with pytest.raises(Invalid) as refused:
        read_roads(path)
    assert path.name in refused.value.sentence
    assert "TIGER/Line primary roads" in refused.value.sentence
    return refused.value.sentence


BROKEN = {
    "empty": b"",
    "no JSON": b"roads",
    "not Unicode": b"\xff\xfe\x00{",
    "half of a file": b'{"features": [{"type": "Feature"',
    "a list": b"[1, 2]",
    "without features": b'{"type": "FeatureCollection"}',
    "features that are numbers": b'{"features": [1]}',
    "far too deep": b"[" * 100_000,
    "a zip that is cut off": b"PK\x03\x04" + b"\0" * 60,
    "coordinates that are text": json.dumps(
        {"features": [{"properties": TIGER[0][0], "geometry": {"type": "LineString", "coordinates": ["a", "b"]}}]}
    ).encode(),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused(tmp_path, kind):
    path = tmp_path / "roads.geojson"
    path.write_bytes(BROKEN[kind])
    assert "is broken" in refusal(path)


def test_a_zip_without_a_shapefile_or_with_a_broken_one_is_refused(tmp_path):
    path = tmp_path / "roads.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "is broken" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("roads.shp", b"x" * 200)
        archive.writestr("roads.dbf", b"y" * 200)
    assert "is broken" in refusal(path)


@pytest.mark.filterwarnings("default")  # as an operator runs it
@pytest.mark.parametrize("kept", range(1, 380, 27))
def test_a_shapefile_that_is_cut_off_is_refused(tmp_path, kept, recwarn):
    whole = write_shapefile(tmp_path / "whole.zip", TIGER)
    path = tmp_path / "roads.zip"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:kept])
    assert "is broken" in refusal(path)
    assert not recwarn.list


@pytest.mark.parametrize("write", [write_geojson, write_shapefile])
def test_a_file_of_somebody_else_is_refused(tmp_path, write):
    name = "roads.zip" if write is write_shapefile else "roads.geojson"
    path = write(tmp_path / name, [({"osm_id": "1", "highway": "motorway"}, I70)])
    assert "neither of TIGER/Line nor of Natural Earth" in refusal(path)


def test_a_file_in_meters_is_refused(tmp_path):
    path = write_geojson(
        tmp_path / "roads.geojson", [(TIGER[0][0], [(-11_700_000, 4_800_000), (-11_600_000, 4_800_000)])]
    )
    assert "is not in degrees" in refusal(path)


def test_a_file_of_streets_only_is_refused(tmp_path):
    assert "has no highways" in refusal(write_geojson(tmp_path / "roads.geojson", TIGER[2:]))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "roads.geojson"
    with path.open("wb") as file:
        file.truncate(300_000_001)
    assert "larger than 300 MB" in refusal(path)


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path):
    path = write_shapefile(tmp_path / "roads.zip", TIGER)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("roads.shp").file_size.to_bytes(4, "little")
    # The size that the directory at the end of the file states; the content is as small as before.
    start = content.index(b"PK\x01\x02")
    path.write_bytes(content[:start] + content[start:].replace(size, (300_000_001).to_bytes(4, "little")))
    assert "larger than 300 MB" in refusal(path)
