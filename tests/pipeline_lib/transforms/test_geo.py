"""Transforms of places against scikit-learn and NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import haversine_distances
from tests.pipeline_lib.native_steps import made

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.transforms import Bearing, DistanceToPOI, GridCell, Haversine, PointInBox

LATITUDES = st.none() | st.sampled_from([-90.0, 0.0, 90.0, 90.5, float("inf")]) | st.floats(-90, 90)
LONGITUDES = st.none() | st.sampled_from([-180.0, 0.0, 180.0, 360.0, 361.0]) | st.floats(-180, 180)
PLACES = st.tuples(LATITUDES, LONGITUDES)
TRIPS = st.lists(st.tuples(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES), min_size=1, max_size=10)
FOUR = dict.fromkeys("abcd", pl.Float64)
TWO = dict.fromkeys("ab", pl.Float64)
TRAIN4, TRAIN2 = pl.DataFrame([(0.0,) * 4], FOUR, orient="row"), pl.DataFrame([(0.0,) * 2], TWO, orient="row")


def known(*place: float | None) -> bool:
    """Whether these are latitudes and longitudes, in turn."""
    return all(x is not None and abs(x) <= (90, 360)[at % 2] for at, x in enumerate(place))


@given(TRIPS)
def test_distances_are_scikit_learns(trips: list[Any]) -> None:
    seen = made(Haversine(), TRAIN4, pl.DataFrame(trips, FOUR, orient="row"))["distance"].to_list()
    for trip, have in zip(trips, seen, strict=True):
        if not known(*trip):
            assert have is None
            continue
        one, other = np.radians(trip[:2]), np.radians(trip[2:])
        wanted = haversine_distances([one, other])[0, 1] * 6371.0088
        assert have == pytest.approx(wanted, rel=1e-7, abs=1e-4)


@given(TRIPS)
def test_bearings_are_those_of_navigation(trips: list[Any]) -> None:
    seen = made(Bearing(), TRAIN4, pl.DataFrame(trips, FOUR, orient="row"))["bearing"].to_list()
    for trip, have in zip(trips, seen, strict=True):
        if not known(*trip):
            assert have is None
            continue
        lat1, lon1, lat2, lon2 = np.radians(trip)
        east = np.sin(lon2 - lon1) * np.cos(lat2)
        north = np.cos(lat1) * np.sin(lat2) - np.sin(lat1) * np.cos(lat2) * np.cos(lon2 - lon1)
        assert have is not None
        assert 0 <= have <= 360
        if np.hypot(east, north) > 1e-6:
            turned = abs(have - np.degrees(np.arctan2(east, north)) % 360)
            assert min(turned, 360 - turned) < 1e-6


@given(st.lists(PLACES, min_size=1, max_size=10), st.sampled_from([0.1, 0.5, 1.0, 7.0]))
def test_cells_are_floors(places: list[Any], size: float) -> None:
    seen = made(GridCell(size=size), TRAIN2, pl.DataFrame(places, TWO, orient="row"))["cell"].to_list()
    for place, have in zip(places, seen, strict=True):
        wanted = ":".join(str(int(np.floor(x / size))) for x in place) if known(*place) else None
        assert have == wanted


@given(st.lists(PLACES, min_size=1, max_size=10), st.floats(-180, 180), st.floats(-180, 180))
def test_boxes_reach_over_the_date_line(places: list[Any], west: float, east: float) -> None:
    step = PointInBox(south=-10.0, west=west, north=50.0, east=east)
    seen = made(step, TRAIN2, pl.DataFrame(places, TWO, orient="row"))["in_box"].to_list()
    for (lat, lon), have in zip(places, seen, strict=True):
        if not known(lat, lon):
            assert have is None
            continue
        across = west <= lon <= east if west <= east else lon >= west or lon <= east
        assert have == (-10.0 <= lat <= 50.0 and across)


@given(st.lists(PLACES, min_size=1, max_size=10))
def test_the_nearest_point_is_the_nearest(places: list[Any]) -> None:
    points = {"JFK": [40.64, -73.78], "LHR": [51.47, -0.45], "SYD": [-33.95, 151.18]}
    seen = made(DistanceToPOI(points), TRAIN2, pl.DataFrame(places, TWO, orient="row"))
    each = seen.select(f"distance_to_{name}" for name in points)
    assert seen["distance_to_nearest"].to_list() == [None if None in row else min(row) for row in each.rows()]
    trips = [(*place, *points["LHR"]) for place in places]
    alone = Haversine().transform(pl.DataFrame(trips, FOUR, orient="row"))["distance"]
    assert seen["distance_to_LHR"].to_list() == alone.to_list()


def test_what_cannot_be_is_refused() -> None:
    for wrong in (
        lambda: Haversine(unit="furlong"),
        lambda: GridCell(size=0.0),
        lambda: PointInBox(south=10.0, north=-10.0),
        lambda: DistanceToPOI({}),
        lambda: DistanceToPOI({"x": [91.0, 0.0]}),
    ):
        with pytest.raises(DefinitionError):
            wrong()
    with pytest.raises(DataError, match="given 2 columns"):
        made(Haversine(), TRAIN2, TRAIN2)
