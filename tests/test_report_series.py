"""Lines and ranges of charts: nothing smoothed, extremes kept, seconds taken between log lines."""

from __future__ import annotations

import itertools
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganatomy.report.charts import ORANGE, Tables, escaped, faint, stacked
from ganatomy.report.charts import Panel as PanelOf
from ganatomy.report.series import Line, Together
from ganatomy.report.thinning import LIMIT, kept, short
from ganatomy.report.wording import plain


def line(values: dict[int, float], pace: float = 1.0) -> Line:
    """A run with those values by update, that many seconds an update."""
    records = [
        {"step": step, "seconds": pace * step, "images": 64 * step, "loss/x": value} for step, value in values.items()
    ]
    return Line.of(records, "loss/x")


@given(st.lists(st.floats(-1e6, 1e6), max_size=1500), st.integers(20, 300))
def test_thinning_keeps_the_ends_the_extremes_and_the_order(values: list[float], limit: int) -> None:
    found = kept(values, limit)
    assert found == sorted(set(found))
    assert len(found) <= max(limit, 0)
    if values:
        assert {0, len(values) - 1} <= set(found)
        there = [values[index] for index in found]
        assert (min(there), max(there)) == (min(values), max(values))


def test_short_lines_are_left_as_they_are() -> None:
    assert kept([1.0] * LIMIT) == list(range(LIMIT))


def test_thinning_leaves_a_gap_where_values_are_missing() -> None:
    values: list[float | None] = [0.0] * 1000
    values[700] = None
    values[300] = math.nan
    assert {300, 700} <= set(kept(values, 100))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.1234567, 0.12346), (61994, 61994), (2.0, 2), (math.inf, None), (math.nan, None), ("x", None), (None, None)],
)
def test_numbers_are_short_and_valid_json(value: object, wanted: float | None) -> None:
    assert short(value) == wanted
    json.dumps(short(value), allow_nan=False)


def test_runs_with_the_same_lines_share_their_positions() -> None:
    tables = Tables()
    one, two, three = line({1: 0.5, 2: 0.6}), line({1: 0.1, 2: 0.2}), line({1: 0.1, 3: 0.2})
    assert one.points(tables)["x"] == two.points(tables)["x"] == {"$x": 0}
    assert three.points(tables)["x"] == {"$x": 1}
    assert tables.tables[0] == {"updates": [1, 2], "seconds": [1, 2], "images": [64, 128]}


def test_a_range_is_taken_where_two_runs_or_more_have_a_value() -> None:
    found = Together.of([line({1: 1.0, 2: 4.0, 3: 9.0}), line({1: 3.0, 2: 2.0}), line({2: 6.0})])
    assert found is not None
    assert found.runs == 3
    by_update = found.ranges["updates"]
    assert (by_update.places, by_update.low, by_update.mean, by_update.high) == ([1, 2], [1, 2], [2, 4], [3, 6])
    assert found.ranges["images"].places == [64, 128]


def test_over_seconds_a_range_is_taken_between_log_lines() -> None:
    found = Together.of([line({0: 0.0, 10: 10.0}), line({0: 0.0, 10: 10.0}, pace=2.0)])
    assert found is not None
    over_time = found.ranges["seconds"]
    # The slow run stands at 5 when the fast one, after ten seconds, has its 10; after that only the slow one is trained.
    assert over_time.places == [0, 10]
    assert (over_time.low, over_time.high) == ([0, 5], [0, 10])


def test_what_is_not_finite_goes_into_no_range() -> None:
    found = Together.of([line({1: math.nan, 2: 1.0}), line({1: 1.0, 2: 2.0})])
    assert found is not None
    assert found.ranges["updates"].places == [2]
    assert Together.of([line({1: 1.0}), line({2: 1.0})]) is None
    assert Together.of([]) is None


def test_a_band_goes_along_the_highest_and_back_along_the_lowest() -> None:
    found = Together.of([line({1: 1.0, 2: 2.0}), line({1: 3.0, 2: 5.0})])
    assert found is not None
    band = found.band(ORANGE)
    assert band["x"]["updates"] == [1, 2, 2, 1]
    assert band["y"]["updates"] == [3, 5, 2, 1]
    assert band["fillcolor"] == faint(ORANGE)


def test_panels_fill_the_height_without_touching() -> None:
    layout = stacked([PanelOf(plain(str(number))) for number in range(4)])
    domains = [layout[f"yaxis{number}"]["domain"] for number in ("", 2, 3, 4)]
    assert domains[0][1] == 1.0
    assert domains[-1][0] == pytest.approx(0.0)
    assert all(above[0] > below[1] for above, below in itertools.pairwise(domains))
    assert layout["xaxis"]["anchor"] == "y4"


def test_names_in_charts_are_no_tags() -> None:
    assert escaped('<a href="x">&') == '&lt;a href="x"&gt;&amp;'
