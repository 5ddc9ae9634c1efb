"""As many seeds as it takes: a group-sequential design for one paired difference, fixed before anything is run.

The difference is looked at after 5, 8, 12 and 16 seeds. At each look it has an interval, mean +- t * spread / sqrt(n), with one and
the same level of t at every look (Pocock 1977, Biometrika 64, 191), chosen so that the four together hold the true mean in 95 % of
all experiments (a repeated confidence interval: Jennison & Turnbull 1984, Controlled Clinical Trials 5, 33). So it may be read
at whichever look the experiment stops.

The margin is the smallest difference that would matter. The two hypotheses are "no difference, or one the other way" and
"a difference of the margin or more": the experiment stops as soon as the interval excludes one of them. It is wrong in at most
2.5 % of all experiments where there is no difference, in at most 2.5 % where it is the margin; and it finds a difference as
large as the margin in 80 % or more where the seeds' spread is up to 1.1 times the margin. Between none and the margin either decision may
come. That is for normal differences; moderately skewed ones make it wrong in up to 6 %. And it is about the mean: what befalls one seed
in five is not seen in five seeds in a third of all experiments. tests/test_study_sequential.py simulates all of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import stats

from ganatomy.studies.statistics import is_counted

LOOKS = (5, 8, 12, 16)
"""Seeds at which the difference is looked at; an experiment may stop at any of them for want of time, and is then no less sure."""

ONE_SIDED = 0.0087
"""Level of t at each look: the chance that any of the four is beyond it is 2.5 % (simulated for normal differences)."""

Decision = Literal["supported", "refuted", "not decided"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)


@dataclass(frozen=True)
class Look:
    """The difference after some seeds, in the claimed direction: above 0 is as claimed."""

    seeds: int
    """That have a value; a run that failed has none."""
    mean: float
    low: float | None
    high: float | None
    """The repeated 95 % interval; None with fewer than two seeds."""
    spread: float | None
    """Standard deviation over the seeds."""


def look(differences: Sequence[float]) -> Look:
    """The paired differences so far, one a seed, as one look at them."""
    values = np.asarray(differences, float)
    n = len(values)
    if n < 2:
        return Look(n, float(values.mean()) if n else math.nan, None, None, None)
    variance = float(values.var(ddof=1))
    if is_counted(values):
        # Counts that all agree are not certain but rounded, and rounding has a variance of 1/12.
        variance += 1 / 12
    mean, spread = float(values.mean()), math.sqrt(variance)
    half = float(stats.t.isf(ONE_SIDED, n - 1)) * spread / math.sqrt(n)
    return Look(n, mean, mean - half, mean + half, spread)


def decide(found: Look, margin: float) -> Decision:
    """Refuted where a difference of the margin is excluded, supported where no difference is, else not decided.

    Where both are excluded, there is a difference, and one too small to matter: refuted.
    """
    if found.low is None or found.high is None or found.seeds < LOOKS[0]:
        return "not decided"
    if found.high < margin:
        return "refuted"
    return "supported" if found.low > 0 else "not decided"


def seeds_needed(found: Look, margin: float) -> int | None:
    """Seeds with which the interval would be narrower than the margin, so that a decision is certain; None if unknown."""
    if not found.spread:
        return None
    n = LOOKS[0]
    while 2 * float(stats.t.isf(ONE_SIDED, n - 1)) * found.spread / math.sqrt(n) >= margin and n < 10_000:
        n += 1
    return n
