"""Points for hypothesis where maps have their exceptions: the antimeridian, the poles, the edge of Mercator's map."""

from hypothesis import strategies as st

from directory.geography.point import Point

any_point = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
at_the_antimeridian = st.builds(Point, st.floats(-80, 80), st.one_of(st.floats(179, 180), st.floats(-180, -179)))
at_a_pole = st.builds(Point, st.one_of(st.floats(84, 90), st.floats(-90, -84)), st.floats(-180, 180))
beyond_mercator = st.builds(
    Point, st.sampled_from([90.0, -90.0, 85.06, -85.06, 85.0511, -85.0511]), st.floats(-180, 180)
)
points = st.one_of(any_point, at_the_antimeridian, at_a_pole, beyond_mercator)
