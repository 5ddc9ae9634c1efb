"""How far a metric moves with another draw from the same generator (Efron & Tibshirani 1993, chapters 6 and 13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganatomy.metrics import checks


@dataclass(frozen=True)
class Score:
    """A metric's value and its interval, in the metric's own unit."""

    value: float
    low: float
    high: float


def draws(n: int, replicates: int, seed: int) -> np.ndarray:
    """How often each of n images is drawn in each replicate: n x replicates, int64; every column sums to n.

    One matrix serves all metrics, so that their replicates belong to the same resampled images.
    """
    generator = np.random.default_rng(seed)
    counts = np.empty((n, replicates), np.int64)
    for replicate in range(replicates):
        counts[:, replicate] = np.bincount(generator.integers(n, size=n), minlength=n)
    return counts


def interval(
    value: float, replicates: np.ndarray, level: float = 0.95, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[float, float]:
    """The percentile interval of the replicates (B numbers), moved so that their mean is `value`, within `bounds`.

    A plain percentile interval (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13) takes the
    replicates where they lie. But a resample holds only 1 - 1/e = 63 % distinct images, and some metrics feel it: FID
    and KID rise with the repeats, recall and coverage (were they counted anew) fall with the images left out. Often the
    whole cloud of replicates lies to one side of the value. Its place is an artefact of resampling (the bootstrap's
    estimate of bias, chapter 10), its spread is what was asked for, so the cloud is centred on the value. For a mean
    over images the move is nothing but noise. An end that would lie beyond what the metric can be is put at that bound.
    """
    cloud = checks.numbers(replicates)
    tail = (1 - level) / 2
    low, high = np.quantile(cloud, [tail, 1 - tail]) - cloud.mean() + value
    low, high = np.clip([low, high], *bounds)
    # Where all replicates are equal, rounding could leave the value outside.
    return min(float(low), value), max(float(high), value)
