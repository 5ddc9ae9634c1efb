"""Statistics over seeds: against closed forms, SciPy's own, and simulations whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ganatomy.studies.statistics import Difference, difference, differences, estimate, holm


def test_an_estimate_is_the_mean_within_its_interval() -> None:
    found = estimate([1.0, 2.0, 6.0])
    assert found.mean == 3.0
    assert found.n == 3
    # Of three values the resampled means run from the smallest to the largest, and 1/27 of them is each of these.
    assert (found.low, found.high) == (1.0, 6.0)


def test_one_seed_has_no_interval_and_no_test() -> None:
    found = estimate([4.0])
    assert (found.mean, found.low, found.high, found.n) == (4.0, None, None, 1)
    single = difference("a", "b", [4.0])
    assert (single.mean, single.effect, single.p, single.verdict) == (4.0, None, None, "not decided")
    assert single.words.en == "not decided with 1 seed"


def test_the_interval_is_that_of_the_exact_bootstrap_distribution() -> None:
    values = np.array([0.0, 1.0, 5.0, 6.0])
    means = np.array([values[list(index)].mean() for index in np.ndindex(4, 4, 4, 4)])
    found = estimate(values.tolist())
    # All 256 resamples, against the drawn ones: quantiles of a coarse grid, a quarter of a unit apart.
    assert found.low == pytest.approx(np.quantile(means, 0.025), abs=0.26)
    assert found.high == pytest.approx(np.quantile(means, 0.975), abs=0.26)


def test_p_is_the_paired_t_tests() -> None:
    a, b = np.array([3.1, 4.7, 5.2, 6.9]), np.array([2.0, 4.9, 3.3, 5.1])
    found = difference("a", "b", (a - b).tolist())
    assert found.p == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert found.mean == pytest.approx((a - b).mean())


def test_the_effect_is_hedges_g() -> None:
    deltas = [1.3, 0.4, 2.2, 1.9, 0.7]
    # J = 1 - 3 / (4 df - 1) is the usual approximation of the exact correction.
    assert difference("a", "b", deltas).effect == pytest.approx(
        np.mean(deltas) / np.std(deltas, ddof=1) * (1 - 3 / (4 * 4 - 1)), rel=0.01
    )


def test_holm_is_the_step_down_correction() -> None:
    def with_p(p: float | None) -> Difference:
        return Difference("a", "b", 1.0, None, None, None, p, p, 5)

    found = holm([with_p(0.04), with_p(0.01), with_p(None), with_p(0.03)])
    # 3 x 0.01, then 2 x 0.03; 1 x 0.04 is raised to the one before it. What has no p is no part of the family.
    assert [each.p_adjusted for each in found] == pytest.approx([0.06, 0.03, None, 0.06])
    assert [each.verdict for each in found] == ["not decided", "higher", "not decided", "not decided"]


def test_differences_pair_the_seeds_that_both_arms_have() -> None:
    values = {"a": {0: 1.0, 1: 2.0, 2: 3.0}, "b": {1: 1.0, 2: 1.5, 3: 9.0}, "c": {0: math.nan, 1: 5.0, 2: 6.5}}
    found = {(each.arm, each.other): each for each in differences(values)}
    assert found["a", "b"].n == 2
    assert found["a", "b"].mean == pytest.approx(1.25)
    assert found["a", "c"].n == 2
    assert found["b", "c"].mean == pytest.approx(-4.5)
    against = differences(values, against="a")
    assert [(each.arm, each.other) for each in against] == [("b", "a"), ("c", "a")]


def test_arms_without_a_common_seed_are_not_compared() -> None:
    assert differences({"a": {0: 1.0}, "b": {1: 1.0}, "c": {}}) == []


def test_counts_that_all_agree_are_not_certain() -> None:
    # Two seeds that both find one class more: rounding alone can do that. Five that find three more: it cannot.
    assert difference("a", "b", [1.0, 1.0]).verdict == "not decided"
    assert difference("a", "b", [3.0] * 5).verdict == "higher"
    assert difference("a", "b", [-3.0] * 5).words.en == "lower with 5 seeds"
    assert difference("a", "b", [0.0] * 5).verdict == "not decided"
    # Held against a half, they are counts all the same.
    assert difference("a", "0.5", [0.5] * 3).verdict == "not decided"


def test_equal_differences_that_are_no_counts_are_the_tests_limit() -> None:
    found = difference("a", "b", [0.25, 0.25, 0.25])
    assert (found.p, found.effect, found.verdict) == (None, None, "higher")
    assert difference("a", "b", [0.25, 0.25]).verdict == "not decided"


def test_without_a_difference_five_in_a_hundred_families_are_called_one_at_most() -> None:
    rng = np.random.default_rng(0)
    called = 0
    for _ in range(1000):
        values = {arm: dict(enumerate(rng.normal(size=4))) for arm in "abc"}
        called += any(each.verdict != "not decided" for each in differences(values))
    # Binomial: 0.05 of 1,000 has a standard deviation of 7.
    assert called <= 50 + 3 * 7


def test_a_difference_that_is_there_is_found_with_its_sign() -> None:
    rng = np.random.default_rng(1)
    shared = rng.normal(size=6)  # what a seed does to both arms, which pairing takes out
    values = {
        "a": dict(enumerate(shared + 0.3 * rng.normal(size=6))),
        "b": dict(enumerate(shared + 2 + 0.3 * rng.normal(size=6))),
    }
    (found,) = differences(values)
    assert found.verdict == "lower"
    assert found.low is not None
    assert found.high is not None
    assert found.low < -2 + 0.5
    assert found.high < 0
