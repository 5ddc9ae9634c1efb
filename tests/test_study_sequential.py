"""The sequential design by simulation: how often it is wrong, how often it finds what is there, how many seeds it takes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from ganatomy.studies.sequential import LOOKS, ONE_SIDED, decide, look, seeds_needed

EXPERIMENTS = 20_000
MARGIN = 1.0

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
"""Differences with a mean of 0 and a standard deviation of 1."""

SHAPES: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "heavy tails": lambda rng, shape: rng.standard_t(4, shape) / math.sqrt(2),
    "skewed": lambda rng, shape: rng.gamma(4.0, 0.5, shape) - 2,
    "one seed in five": lambda rng, shape: 2.5 * ((rng.random(shape) < 0.2) - 0.2),
}


def simulated(true: float, spread: float, shape: str = "normal", most: int = LOOKS[-1]) -> dict[str, float]:
    """The share of each decision, and the mean number of seeds."""
    rng = np.random.default_rng(0)
    drawn = true + spread * SHAPES[shape](rng, (EXPERIMENTS, most))
    decided = np.full(EXPERIMENTS, "not decided", dtype=object)
    seeds = np.full(EXPERIMENTS, most)
    for n in [each for each in LOOKS if each <= most]:
        values = drawn[:, :n]
        half = stats.t.isf(ONE_SIDED, n - 1) * values.std(1, ddof=1) / math.sqrt(n)
        low, high = values.mean(1) - half, values.mean(1) + half
        open_still = decided == "not decided"
        refuted, supported = open_still & (high < MARGIN), open_still & (low > 0) & (high >= MARGIN)
        decided[refuted], decided[supported] = "refuted", "supported"
        seeds[refuted | supported] = n
    shares = {each: float((decided == each).mean()) for each in ("supported", "refuted", "not decided")}
    return {**shares, "seeds": float(seeds.mean())}


def test_the_simulation_decides_as_the_code_does() -> None:
    rng = np.random.default_rng(1)
    for true in (0.0, 0.5, 1.0):
        drawn = true + 0.9 * rng.standard_normal((200, LOOKS[-1]))
        for values in drawn:
            for n in LOOKS:
                found = look(list(values[:n]))
                half = stats.t.isf(ONE_SIDED, n - 1) * values[:n].std(ddof=1) / math.sqrt(n)
                low, high = values[:n].mean() - half, values[:n].mean() + half
                expected = "refuted" if high < MARGIN else "supported" if low > 0 else "not decided"
                assert decide(found, MARGIN) == expected


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.5, 0.8, 1.1, 2.0, 4.0])
@pytest.mark.parametrize("most", [5, 8, 12, 16])
def test_it_is_wrong_in_at_most_one_of_forty(spread: float, most: int) -> None:
    error = 0.025 + 3 * math.sqrt(0.025 / EXPERIMENTS)
    assert simulated(0.0, spread, most=most)["supported"] <= error
    assert simulated(-0.5, spread, most=most)["supported"] <= error
    assert simulated(MARGIN, spread, most=most)["refuted"] <= error
    assert simulated(1.5, spread, most=most)["refuted"] <= error


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.5, 0.8, 1.0, 1.1])
def test_it_finds_a_difference_of_the_margin_and_its_absence(spread: float) -> None:
    assert simulated(MARGIN, spread)["supported"] >= 0.80
    assert simulated(0.0, spread)["refuted"] >= 0.80


@pytest.mark.parametrize(("shape", "most"), [("heavy tails", 0.03), ("skewed", 0.06)])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("spread", [0.3, 0.8, 1.1])
def test_values_that_are_not_normal(shape: str, most: float, sign: int, spread: float) -> None:
    assert simulated(0.0, sign * spread, shape)["supported"] <= most
    assert simulated(MARGIN, sign * spread, shape)["refuted"] <= most


def test_its_limit_five_seeds_may_not_show_what_befalls_one_in_five() -> None:
    """0.8 ** 5 is a third: a mean that rests on rare seeds is not what this design is for, and its docstring says so."""
    assert simulated(MARGIN, 0.8, "one seed in five")["refuted"] == pytest.approx(0.8**5, abs=0.02)


def test_the_interval_holds_the_truth_in_19_of_20_whenever_the_experiment_stops() -> None:
    rng = np.random.default_rng(2)
    drawn = rng.standard_normal((EXPERIMENTS, LOOKS[-1]))
    missed = np.zeros(EXPERIMENTS, bool)
    for n in LOOKS:
        half = stats.t.isf(ONE_SIDED, n - 1) * drawn[:, :n].std(1, ddof=1) / math.sqrt(n)
        missed |= abs(drawn[:, :n].mean(1)) > half
    assert missed.mean() == pytest.approx(0.05, abs=0.006)


def test_clear_differences_take_five_seeds_and_unclear_ones_more() -> None:
    assert simulated(3.0, 0.5)["seeds"] < 5.5
    assert simulated(0.5, 0.8)["seeds"] > 10


def test_a_difference_too_small_to_matter_is_refuted() -> None:
    assert decide(look([0.4, 0.5, 0.45, 0.5, 0.4]), MARGIN) == "refuted"
    assert decide(look([0.9, 1.2, 1.1, 0.8, 1.0]), MARGIN) == "supported"
    assert decide(look([-3.0, 4.0, -2.0, 3.0, 0.0]), MARGIN) == "not decided"


def test_fewer_than_five_values_decide_nothing() -> None:
    assert decide(look([5.0, 5.1, 5.2, 5.1]), MARGIN) == "not decided"
    assert decide(look([5.0]), MARGIN) == "not decided"
    assert decide(look([]), MARGIN) == "not decided"


def test_counts_that_agree_have_the_variance_of_rounding() -> None:
    found = look([0.0] * 5)
    assert found.spread == pytest.approx(math.sqrt(1 / 12))
    assert decide(found, 2.0) == "refuted"
    assert decide(look([2.0] * 5), 2.0) == "supported"
    assert look([0.25] * 5).spread == 0


def test_the_seeds_that_would_decide() -> None:
    wide = look([-2.0, 3.0, -1.0, 4.0, 0.5])
    needed = seeds_needed(wide, MARGIN)
    assert needed is not None
    assert wide.spread is not None

    def width(n: int) -> float:
        return 2 * float(stats.t.isf(ONE_SIDED, n - 1)) * (wide.spread or 0) / math.sqrt(n)

    assert width(needed) < MARGIN <= width(needed - 1)
    assert seeds_needed(look([]), MARGIN) is None
