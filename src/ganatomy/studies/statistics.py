"""What a handful of seeds can tell: intervals of a mean, and paired differences between arms.

The unit is the training seed, never the image: another image from the same generator says nothing of another training.
Seeds are shared by the arms, so differences are paired.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special, stats

from ganatomy.studies.texts import TEXTS
from ganatomy.words import Words, filled

LEVEL = 0.05
"""Of a family of comparisons with no difference at all, the share in which any is called one."""

RESAMPLES = 9999

Verdict = Literal["higher", "lower", "not decided"]

_VERDICTS = TEXTS.section("verdicts")


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds."""

    mean: float
    low: float | None
    high: float | None
    """The 95 % bootstrap interval over the seeds; None with one seed. With few seeds it is too narrow: of three, it
    holds the true mean of normal values in about three cases of four."""
    n: int


@dataclass(frozen=True)
class Difference:
    """One arm against another, or against a number, seed by seed."""

    arm: str
    other: str
    mean: float
    """Of arm minus other, in the metric's unit."""
    low: float | None
    high: float | None
    """The 95 % bootstrap interval over the seeds."""
    effect: float | None
    """Hedges' g of the paired differences: their mean over their standard deviation, times the correction for few
    seeds. Next to the mean it says how a seed's luck compares; None with fewer than three seeds, or where all differences
    are equal."""
    p: float | None
    """Two-sided, of the paired t test; None where there is no effect. Counts have the variance of rounding added."""
    p_adjusted: float | None
    """After Holm, for as many comparisons as were made together."""
    n: int
    """Seeds that both arms have."""

    @property
    def verdict(self) -> Verdict:
        """In words: `higher` or `lower` where the adjusted p is below 0.05, or where three seeds or more agree to the last
        digit; else `not decided`.
        """
        agreed = self.p is None and self.n > 2 and self.low is not None and self.low == self.high != 0
        if not agreed and (self.p_adjusted is None or not self.p_adjusted < LEVEL):
            return "not decided"
        return "higher" if self.mean > 0 else "lower"

    @property
    def words(self) -> Words:
        """The verdict with the number of seeds it rests on."""
        text = TEXTS["with_one_seed" if self.n == 1 else "with_seeds"]
        return filled(text, verdict=_VERDICTS[self.verdict], count=self.n)


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of one value a seed, with its percentile bootstrap interval; drawn with a fixed seed."""
    low, high = _bootstrap(np.asarray(values, float))
    return Estimate(float(np.mean(values)), low, high, len(values))


def differences(values: Mapping[str, Mapping[int, float]], against: str | None = None) -> list[Difference]:
    """Paired differences between arms, corrected together by Holm's method.

    Args:
        values: {arm: {seed: value}}; of two arms the seeds count that both have, and whose values are finite. With fewer
            than two of them a pair is left out: one seed tells nothing of another.
        against: one arm that all others are held against; unset, all pairs.
    """
    pairs = [(arm, against) for arm in values if arm != against] if against else list(itertools.combinations(values, 2))
    found = []
    for arm, other in pairs:
        both = [
            values[arm][seed] - values[other][seed]
            for seed in values[arm].keys() & values[other].keys()
            if math.isfinite(values[arm][seed]) and math.isfinite(values[other][seed])
        ]
        if len(both) > 1:
            found.append(difference(arm, other, both))
    return holm(found)


def difference(arm: str, other: str, each: Sequence[float]) -> Difference:
    """One comparison from its paired differences, one a seed; not adjusted for others."""
    deltas = np.asarray(each, float)
    low, high = _bootstrap(deltas)
    n, mean = len(deltas), float(deltas.mean())
    effect, p = (None, None) if n < 3 else _tested(deltas)
    return Difference(arm, other, mean, low, high, effect, p, p, n)


def _tested(deltas: np.ndarray) -> tuple[float | None, float | None]:
    """Effect and p of three differences or more; no p without an effect."""
    n, mean, variance = len(deltas), float(deltas.mean()), float(deltas.var(ddof=1))
    if is_counted(deltas):
        # Where all counts agree, that is not certainty but rounding, with a variance of 1/12.
        variance += 1 / 12
    spread = math.sqrt(variance)
    if mean == 0:
        return 0.0, 1.0
    if spread <= 1e-12 * abs(mean):
        # All seeds agree to the last digits, and there is no spread to measure an effect by.
        return None, None
    effect = mean / spread * _small_sample_correction(n - 1)
    return effect, float(2 * stats.t.sf(abs(mean) * math.sqrt(n) / spread, n - 1))


def is_counted(deltas: np.ndarray) -> bool:
    """Whether these are differences of counts, or of counts and a half."""
    return not (2 * deltas % 1).any()


def holm(found: Sequence[Difference]) -> list[Difference]:
    """The same comparisons with p adjusted for their number (Holm 1979); those without p are no part of the family."""
    tested = sorted((each for each in found if each.p is not None), key=lambda each: each.p or 0.0)
    adjusted: dict[int, float] = {}
    worst = 0.0
    for rank, each in enumerate(tested):
        worst = max(worst, min(1.0, (len(tested) - rank) * (each.p or 0.0)))
        adjusted[id(each)] = worst
    return [
        Difference(
            each.arm, each.other, each.mean, each.low, each.high, each.effect, each.p, adjusted.get(id(each)), each.n
        )
        for each in found
    ]


def _bootstrap(values: np.ndarray) -> tuple[float | None, float | None]:
    if len(values) < 2:
        return None, None
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    return float(found.low), float(found.high)


def _small_sample_correction(degrees: int) -> float:
    """Hedges' J: the ratio that makes the standardised mean unbiased for normal differences, of two degrees or more."""
    ratio = np.exp(special.gammaln(degrees / 2) - special.gammaln((degrees - 1) / 2))
    return float(ratio / math.sqrt(degrees / 2))
