"""Precision and recall, density and coverage: are the images like real ones, and are all real ones reached?

Each image has a ball, up to its k-th nearest neighbour in its own set. Kynkäänniemi et al. 2019,
https://arxiv.org/abs/1904.06991, equations 1 and 2; Naeem et al. 2020, https://arxiv.org/abs/2002.09797, equations 3
and 4:

    precision  share of fakes within the ball of at least one real
    recall     share of reals within the ball of at least one fake
    density    mean over fakes of (number of real balls that hold it) / k
    coverage   share of reals whose ball holds at least one fake

A point on the rim is inside (<=), and equal images have the distance 0 exactly. With the strict < of the authors' code
a set whose images all occur more than k times has empty balls, and scores 0 against itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganatomy.errors import UsageError
from ganatomy.metrics import checks
from ganatomy.metrics.distances import Squared, distinct, shared, squared_radii


@dataclass(frozen=True)
class Prdc:
    """Precision, recall, coverage are from 0 to 1; density has no upper end; for equal distributions it is near 1."""

    precision: float
    recall: float
    density: float
    coverage: float


@dataclass(frozen=True, eq=False)
class PrdcReplicates:
    """The same of every bootstrap replicate: B numbers each."""

    precision: np.ndarray
    recall: np.ndarray
    density: np.ndarray
    coverage: np.ndarray


def prdc(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Prdc:
    """The four of features n x d and m x d.

    Raises UsageError when they do not match, are not finite, or either has k rows or fewer.
    """
    fake = checks.features("fake", fake)
    return prdc_with_replicates(real, fake, np.ones((len(fake), 0)), k)[0]


def prdc_replicates(real: np.ndarray, fake: np.ndarray, counts: np.ndarray, k: int = 5) -> PrdcReplicates:
    """The four of every bootstrap replicate; see `prdc_with_replicates`."""
    return prdc_with_replicates(real, fake, counts, k)[1]


def prdc_with_replicates(
    real: np.ndarray, fake: np.ndarray, counts: np.ndarray, k: int = 5
) -> tuple[Prdc, PrdcReplicates]:
    """The four, and the four of every bootstrap replicate, in one pass over the distances.

    Precision and density are means over the drawn fakes. Recall and coverage are the value plus, for every fake, its
    influence times how much more often than once it was drawn. A fake's influence is the share of reals that it alone
    reaches: what would be lost without it (the jackknife's; Efron & Tibshirani 1993, chapter 11), its ball and the
    others' held as they are. Simply counting reals that a drawn fake reaches will not do: a resample lacks 37 % of the
    fakes, and in that thinned-out set the spread was 0.6 to 0.9 of the true one for middling values; of intervals meant
    to hold the mean of further draws in 95 % of cases, as few as 75 % did. With influences the spread is 1.0 to 1.7 of
    the true one: right for middling values, too careful near 1, and on average never too small while the balls stay
    (Efron & Stein 1981). A replicate can be outside 0 to 1 by a little.

    `counts` is fake images x B. Raises UsageError as `prdc` does, and for counts that do not fit.
    """
    real, fake = checks.pair(real, fake)
    if not 1 <= k < min(len(real), len(fake)):
        raise UsageError(
            f"k is {k} with {len(real)} real and {len(fake)} fake images; the k-th neighbour needs 1 <= k < both: "
            "give more images or a smaller k"
        )
    counts = checks.numbers(counts, "counts")
    reach = _reach(real, fake, k)
    weights = counts / len(fake)
    within, around = (reach.balls_around > 0).astype(np.float64), reach.balls_around
    point = Prdc(float(within.mean()), reach.recall, float(around.sum() / (k * len(fake))), reach.coverage)
    more = counts - 1
    recall, coverage = reach.recall + reach.only_recall @ more, reach.coverage + reach.only_coverage @ more
    return point, PrdcReplicates(within @ weights, recall, around @ weights / k, coverage)


@dataclass(frozen=True, eq=False)
class _Reach:
    """What one pass over the distances finds."""

    balls_around: np.ndarray
    """For every fake, the number of real balls that hold it."""
    recall: float
    coverage: float
    only_recall: np.ndarray
    """For every fake, the share of reals that lie in its ball and in no other fake's."""
    only_coverage: np.ndarray
    """For every fake, the share of reals whose ball holds it and no other fake."""


def _reach(real: np.ndarray, fake: np.ndarray, k: int) -> _Reach:
    # Distances do not change, and lose fewer digits to the norms, when the features lie around 0.
    centre = real.mean(axis=0)
    reals, fakes = distinct(real - centre), distinct(fake - centre)
    real_rims, fake_rims = _rims(squared_radii(reals, k)), _rims(squared_radii(fakes, k))
    same_real, same_fake = shared(reals, fakes)
    partner = np.full(len(reals.rows), -1)
    partner[same_real] = same_fake
    distance = Squared(fakes.rows)
    memory = np.empty((distance.rows, len(fakes.rows)), np.float32)
    fake_times = fakes.times.astype(np.float32)
    balls_around, only_recall, only_coverage = np.zeros((3, len(fakes.rows)))
    recalled = covered = 0
    for block in checks.blocks(len(reals.rows), distance.rows):
        squared = distance.block(reals.rows[block])
        equal = np.flatnonzero(partner[block] >= 0)
        squared[equal, partner[block][equal]] = -np.inf
        times = reals.times[block]
        # Zeros and ones in float32, whose sums are exact and quick matrix products.
        inside = memory[: len(squared)]
        inside[:] = squared <= fake_rims
        recalled += _tally(inside, fake_times, times, only_recall)
        inside[:] = squared <= real_rims[block, None]
        covered += _tally(inside, fake_times, times, only_coverage)
        balls_around += times.astype(np.float32) @ inside
    return _Reach(
        balls_around[fakes.place],
        recalled / len(real),
        covered / len(real),
        only_recall[fakes.place] / len(real),
        only_coverage[fakes.place] / len(real),
    )


def _tally(inside: np.ndarray, fake_times: np.ndarray, real_times: np.ndarray, only: np.ndarray) -> int:
    """The number of reals that any fake reaches; those that a single fake reaches are added to it in `only`."""
    reached_by = inside @ fake_times
    alone = np.flatnonzero(reached_by == 1)
    np.add.at(only, inside[alone].argmax(axis=1), real_times[alone])
    return int(real_times[reached_by > 0].sum())


def _rims(squared: np.ndarray) -> np.ndarray:
    """Squared radii to compare with: a radius of 0 holds equal rows only, whose distance is set below any number."""
    return np.where(squared > 0, squared, np.finfo(np.float64).min)
