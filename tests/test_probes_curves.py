"""What curves did: of ranks, shares and steps that can be counted by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganatomy.probes import curves
from probes_runs import tiny

KEY = "loss/generator"


def records(values: Sequence[float], key: str = KEY, every: int = 10) -> list[dict[str, Any]]:
    return [{"step": every * (index + 1), key: value} for index, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 4, 3, 1], -1.0),
        ([1, 100, 101, 1e6], 1.0),
        ([1, 2, 3, 2, 1], 0.0),
        ([1, 3, 2, 4], 0.8),  # 1 - 6 * (1 + 1) / (4 * 15)
        ([2, 1, 3], 0.5),
        ([7, 7, 7, 7], None),
        ([1, 2], None),
        ([], None),
        ([1, math.nan, 3, 4], None),
        ([1, math.inf, 3, 4], None),
    ],
)
def test_the_trend(values: list[float], expected: float | None) -> None:
    assert curves.trend(records(values), KEY) == (None if expected is None else pytest.approx(expected))


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30, unique=True))
def test_the_trend_is_of_ranks(values: list[float]) -> None:
    """By the formula for ranks without ties: 1 - 6 sum d^2 / (n (n^2 - 1))."""
    n = len(values)
    ranks = np.argsort(np.argsort(values))
    expected = 1 - 6 * ((ranks - np.arange(n)) ** 2).sum() / (n * (n * n - 1))
    assert curves.trend(records(values), KEY) == pytest.approx(expected, abs=1e-9)


def test_records_without_the_value_are_passed_over() -> None:
    mixed = [*records([3, 2, 1]), {"step": 35, "metric/fid": 9.0}]
    assert curves.trend(mixed, KEY) == pytest.approx(-1)
    assert curves.trend(mixed, "metric/fid") is None
    assert curves.trend(mixed, "nothing") is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 4, 3, 1], 0.0),
        ([1, 2, 2, 3], 0.0),  # no change goes against nothing
        ([1, 3, 2, 4], 1 / 3),
        ([9, 8, 8.5, 7, 7.5, 1], 2 / 5),
        ([1, 2, 3, 2, 1], None),  # no direction
        ([4, 4, 4], None),
        ([1, 2], None),
        ([1, math.nan, 3, 4], None),
    ],
)
def test_the_share_against_the_trend(values: list[float], expected: float | None) -> None:
    found = curves.share_against_trend(records(values), KEY)
    assert found == (None if expected is None else pytest.approx(expected))


def against(losses: dict[int, float], metrics: dict[int, float]) -> float | None:
    history = [{"step": step, KEY: value} for step, value in losses.items()]
    scores = [{"step": step, "metric/fid": value} for step, value in metrics.items()]
    return curves.loss_against_metric(history, scores, KEY, "metric/fid")


def test_the_loss_against_a_metric_is_of_means_between_evaluations() -> None:
    """Up to 10: 3; up to 20, 20 included: mean(9, 1) = 5; up to 30: 4; after that nothing is evaluated."""
    losses = {5: 2, 10: 4, 15: 9, 20: 1, 25: 4, 35: 99}
    assert against(losses, {10: 1, 20: 3, 30: 2}) == pytest.approx(1)
    assert against(losses, {10: 3, 20: 1, 30: 2}) == pytest.approx(-1)
    assert against(losses, {10: 2, 20: 3, 30: 1}) == pytest.approx(0.5)


def test_an_evaluation_without_losses_has_no_partner() -> None:
    assert against({5: 1, 15: 2, 35: 3}, {10: 1, 20: 2, 30: -50, 40: 3}) == pytest.approx(1)
    assert against({5: 1, 15: 2}, {10: 1, 20: 2, 30: -50}) is None
    assert against({}, {10: 1, 20: 2, 30: 3}) is None
    assert against({5: 1, 15: 2, 25: 3}, {}) is None


def test_a_loss_or_a_metric_that_stands_still_or_is_not_finite() -> None:
    steps = (5, 15, 25)
    assert against(dict.fromkeys(steps, 1.0), {10: 1, 20: 2, 30: 3}) is None
    assert against({5: 1, 15: 2, 25: 3}, {10: 1, 20: 1, 30: 1}) is None
    assert against({5: 1, 15: math.inf, 25: 3}, {10: 1, 20: 2, 30: 3}) is None
    assert against({5: 1, 15: 2, 25: 3}, {10: 1, 20: math.nan, 30: 3}) is None


def test_the_mean_of_the_end() -> None:
    values = list(range(1, 21))  # steps 10 to 200: those above 180 are 190 and 200
    assert curves.end_mean(records(values), KEY) == pytest.approx(19.5)
    assert curves.end_mean(records(values), KEY, share=0.5) == pytest.approx(np.mean(values[10:]))
    assert curves.end_mean(records(values), KEY, share=1) == pytest.approx(np.mean(values))
    assert curves.end_mean(records([1, 2, 6]), KEY) == 6
    assert curves.end_mean(records([4, 4, 4]), KEY) == 4
    assert curves.end_mean(records([1, 2]), KEY) is None
    assert curves.end_mean(records([1, math.inf, 3]), KEY) is None


def test_the_swing() -> None:
    still, waves = 15 * [9.0], [1.0, 3.0, 1.0, 3.0, 2.0]  # of 20 records the last five count
    assert curves.swing(records([*still, *waves]), KEY) == pytest.approx(np.sqrt(4 / 5) / 2)
    assert curves.swing(records([*still, *(-value for value in waves)]), KEY) == pytest.approx(np.sqrt(4 / 5) / 2)
    assert curves.swing(records([*still, *(10 * value for value in waves)]), KEY) == pytest.approx(np.sqrt(4 / 5) / 2)
    assert curves.swing(records([*still, -1, 1, -1, 1, 0]), KEY) == pytest.approx(np.sqrt(4 / 5) / (4 / 5))
    assert curves.swing(records(20 * [2.0]), KEY) == 0
    assert curves.swing(records(20 * [0.0]), KEY) is None
    assert curves.swing(records([1, 2, 3, 4]), KEY) is None  # one record in the last quarter
    assert curves.swing(records([*still, 1, 2, math.nan, 1, 2]), KEY) is None


def test_the_first_step_that_reaches_a_threshold() -> None:
    fid = records([50, 20, 30, 10], "metric/fid")
    assert curves.first_reaching(fid, "metric/fid", 20, "lower") == 20
    assert curves.first_reaching(fid, "metric/fid", 19.9, "lower") == 40
    assert curves.first_reaching(fid, "metric/fid", 5, "lower") is None
    assert curves.first_reaching(fid, "metric/fid", 50, "higher") == 10
    assert curves.first_reaching(fid, "metric/fid", 51, "higher") is None
    assert curves.first_reaching(records([math.nan, 1], "metric/fid"), "metric/fid", 2, "lower") == 20
    assert curves.first_reaching([], "metric/fid", 2, "lower") is None


def test_what_is_not_finite() -> None:
    assert not curves.has_nonfinite(records([1, 2, -3]))
    for value in (math.nan, math.inf, -math.inf):
        assert curves.has_nonfinite(records([1, value]))
        assert curves.has_nonfinite(records([1, value]), KEY)
        assert not curves.has_nonfinite(records([1, value]), "metric/fid")
    assert not curves.has_nonfinite([])
    assert not curves.has_nonfinite([{"step": 1, KEY: None, "name": "x"}])


def test_of_a_run(tmp_path: Path) -> None:
    """Its own records, which a file of JSON holds."""
    run = tiny(tmp_path, "gan", "model.hidden=8", "train.updates=12", "train.evaluate_every=4")
    losses = [record["loss/discriminator"] for record in run.history]
    assert len(losses) == 12
    found = curves.trend(run.history, "loss/discriminator")
    assert found == curves.trend(records(losses), KEY)
    assert curves.end_mean(run.history, "loss/discriminator") == pytest.approx(np.mean(losses[-2:]))
    assert len(run.scores) == 3
    assert curves.loss_against_metric(run.history, run.scores, "loss/generator", "metric/fid") is not None
    assert not curves.has_nonfinite([*run.history, *run.scores])
