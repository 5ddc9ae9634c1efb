"""What a run's logged values did over its length: pure functions on the records of `Run.history` and `Run.scores`.

A record is a dict with the update under `step`; a `key` is one of its values, such as "loss/generator" or "metric/fid".
Records without the key are passed over. Where a number cannot be had, the answer is None and never NaN: too few points,
a value that does not change, or one that is not finite (which `has_nonfinite` finds).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from scipy import stats

LEAST = 3
"""Points; with two a rank correlation is 1 or -1 whatever they are."""

Records = Sequence[dict[str, Any]]


def trend(records: Records, key: str) -> float | None:
    """Spearman's rank correlation of a value with the step, -1 to 1: -1 falls without exception, 1 rises so.

    It shows the direction, not how much: a fall of a thousandth without noise has -1. A value that falls and rises
    again is near 0.
    """
    steps, values = _points(records, key)
    return _rank_correlation(steps, values)


def loss_against_metric(history: Records, scores: Records, loss: str, metric: str) -> float | None:
    """Spearman's rank correlation between a loss and a metric over the quick evaluations, -1 to 1.

    A metric's partner is the mean of the losses logged since the evaluation before it, up to and including its own
    step; an evaluation with none is left out. 1: the loss orders the generators as the metric does, so it could stand
    in for it (with fid, where lower is better, and a loss that G lowers).

    Both follow the length of the run, so two curves that fall correlate though neither knows of the other.
    """
    logged_at, losses = _points(history, loss)
    evaluated_at, values = _points(scores, metric)
    means, partners = [], []
    before = -math.inf
    for step, value in zip(evaluated_at, values, strict=True):
        between = losses[(logged_at > before) & (logged_at <= step)]
        before = step
        if len(between):
            means.append(between.mean())
            partners.append(value)
    return _rank_correlation(np.array(means), np.array(partners))


def share_against_trend(records: Records, key: str) -> float | None:
    """Share of the changes from one record to the next that go against the sign of `trend`, 0 to 1; 0 is monotone.

    A change of exactly nothing goes against neither. Noise around a slow trend has nearly 0.5, so it depends on how
    often the run was logged. None as well where the trend is 0.
    """
    direction = trend(records, key)
    if not direction:
        return None
    _, values = _points(records, key)
    return float((np.diff(values) * direction < 0).mean())


def end_mean(records: Records, key: str, share: float = 0.1) -> float | None:
    """Mean of a value over the last part of the run, in its own unit: the records in the last `share` of the steps.

    The run's length is taken to be the last record's step. None where there are fewer than three records of it in all.
    """
    values = _last(records, key, share)
    return None if values is None else float(values.mean())


def swing(records: Records, key: str, share: float = 0.25) -> float | None:
    """Relative swing over the last part of the run: standard deviation over mean absolute value, without unit.

    0 is still. What is left of a trend in that part counts as swing, and a value that oscillates around 0 (a critic's
    loss may) swings by about 1 however small it is. None where fewer than three records lie there, or all are 0.
    """
    values = _last(records, key, share)
    if values is None or len(values) < LEAST or not values.any():
        return None
    return float(values.std() / np.abs(values).mean())


def first_reaching(records: Records, key: str, threshold: float, better: Literal["lower", "higher"]) -> int | None:
    """The first step at which a value is at the threshold or better; None if never.

    It may have been reached between two records, and left again after.
    """
    for record in records:
        value = record.get(key)
        if value is not None and (value <= threshold if better == "lower" else value >= threshold):
            return int(record["step"])
    return None


def has_nonfinite(records: Records, key: str | None = None) -> bool:
    """Whether a value (of that key; unset, of any) is infinite or not a number.

    Training stops before an update whose loss or gradient is not finite, so that one has no record.
    """
    values = (value for record in records for name, value in record.items() if key in (None, name))
    return any(isinstance(value, float) and not math.isfinite(value) for value in values)


def _points(records: Records, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values of the records that have the key, float64."""
    chosen = [record for record in records if record.get(key) is not None]
    return np.array([record["step"] for record in chosen], float), np.array([record[key] for record in chosen], float)


def _last(records: Records, key: str, share: float) -> np.ndarray | None:
    """The values in the last share of the steps; None with fewer than three records, or one that is not finite."""
    steps, values = _points(records, key)
    if len(values) < LEAST or not np.isfinite(values).all():
        return None
    return np.asarray(values[steps > steps.max() * (1 - share)])


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    if len(first) < LEAST or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(stats.spearmanr(first, second).statistic)
