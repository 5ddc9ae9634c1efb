"""Draws are multinomial and a function of their seed; intervals are centred, and hold what another draw would give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganatomy.errors import UsageError
from ganatomy.metrics import bootstrap, frechet, kernel, modes, novelty, prdc

Replicated = Callable[[np.ndarray, np.ndarray, np.ndarray], dict[str, tuple[float, np.ndarray]]]


@given(n=st.integers(1, 50), replicates=st.integers(1, 20), seed=st.integers(0, 99))
def test_every_replicate_draws_n_images(n: int, replicates: int, seed: int) -> None:
    counts = bootstrap.draws(n, replicates, seed)
    assert counts.shape == (n, replicates)
    assert (counts >= 0).all()
    assert (counts.sum(axis=0) == n).all()
    assert (counts == bootstrap.draws(n, replicates, seed)).all()


def test_draws_are_multinomial() -> None:
    counts = bootstrap.draws(400, 2000, 0)
    assert np.abs(counts.mean(axis=1) - 1).max() < 5 / 2000**0.5
    assert counts.var() == pytest.approx(1 - 1 / 400, abs=0.01)
    assert (counts > 0).mean() == pytest.approx(1 - np.exp(-1), abs=0.002)
    assert np.corrcoef(counts[0], counts[1])[0, 1] == pytest.approx(-1 / 399, abs=0.1)


@given(value=st.floats(-10, 10), shift=st.floats(-10, 10), level=st.floats(0.5, 0.99))
def test_an_interval_forgets_where_the_replicates_lie(value: float, shift: float, level: float) -> None:
    cloud = np.random.default_rng(0).standard_normal(500)
    low, high = bootstrap.interval(value, cloud, level)
    assert low < value < high
    assert bootstrap.interval(value, cloud + shift, level) == pytest.approx((low, high), abs=1e-12)
    assert ((cloud - cloud.mean() + value >= low) & (cloud - cloud.mean() + value <= high)).mean() == pytest.approx(
        level, abs=3 / 500
    )


def test_the_interval_of_a_mean_is_the_normal_one() -> None:
    numbers = np.random.default_rng(1).standard_normal(400)
    means = numbers @ bootstrap.draws(400, 4000, 2) / 400
    error = 1.96 * numbers.std() / 20
    assert bootstrap.interval(numbers.mean(), means) == pytest.approx(
        (numbers.mean() - error, numbers.mean() + error), abs=0.08 * error
    )


def all_metrics(real: np.ndarray, fake: np.ndarray, counts: np.ndarray) -> dict[str, tuple[float, np.ndarray]]:
    """Every metric of features: its value and its replicates."""
    point, cloud = prdc.prdc_with_replicates(real, fake, counts)
    found = {name: (getattr(point, name), getattr(cloud, name)) for name in vars(point)}
    found["fid"] = (frechet.frechet_distance(real, fake), frechet.replicates(real, fake, counts))
    found["kid"] = (kernel.kernel_distance(real, fake), kernel.replicates(real, fake, counts))
    return found


@pytest.mark.parametrize("dimensions", [4, 16, 64])
def test_intervals_hold_the_mean_of_other_draws(dimensions: int) -> None:
    """One reference, 40 independent draws from one generator: 95 % is asked for; 40 trials cannot tell it from 85 %."""
    generator = np.random.default_rng(dimensions)
    real = generator.standard_normal((400, dimensions))
    trials = [
        all_metrics(real, generator.standard_normal((400, dimensions)) * 1.05 + 0.1, bootstrap.draws(400, 100, trial))
        for trial in range(40)
    ]
    for name in trials[0]:
        mean = np.mean([trial[name][0] for trial in trials])
        intervals = [bootstrap.interval(*trial[name]) for trial in trials]
        held = np.mean([low <= mean <= high for low, high in intervals])
        assert held >= 0.8, (name, held)


def test_counts_of_ones_give_the_value() -> None:
    generator = np.random.default_rng(0)
    real, fake = generator.standard_normal((2, 60, 5))
    for name, (value, cloud) in all_metrics(real, fake, np.ones((60, 3))).items():
        np.testing.assert_allclose(cloud, value, rtol=1e-10, atol=1e-12, err_msg=name)


def test_no_global_generator_is_used_or_changed() -> None:
    real, fake = np.random.default_rng(0).standard_normal((2, 40, 2))
    probabilities = np.full((40, 4), 0.25)
    labels, shares = np.arange(40) % 4, np.full(4, 0.25)
    calls: list[Callable[[], object]] = [
        lambda: bootstrap.draws(40, 10, 0).tolist(),
        lambda: bootstrap.interval(0.0, np.arange(5.0)),
        lambda: str(all_metrics(real, fake, bootstrap.draws(40, 10, 0))),
        lambda: kernel.subset_kernel_distance(real, fake, 3, 10),
        lambda: modes.classes_found(modes.class_counts(labels, 4), shares),
        lambda: modes.class_kl(modes.class_counts(labels, 4), shares),
        lambda: modes.class_kl_floor(40, shares),
        lambda: modes.classifier_score(probabilities),
        lambda: modes.mixture_modes(fake, real[:5], 0.1),
        lambda: [found.tolist() for found in novelty.nearest_two(fake, real)],
    ]
    for call in calls:
        np.random.seed(1)
        torch.manual_seed(1)
        before = (str(np.random.get_state()), torch.get_rng_state())
        first = call()
        assert str(np.random.get_state()) == before[0]
        assert torch.equal(torch.get_rng_state(), before[1])
        np.random.seed(2)
        torch.manual_seed(2)
        assert call() == first


@pytest.mark.parametrize(
    ("corrupt", "message"),
    [
        (lambda fake: fake[:, :2], "columns"),
        (lambda fake: np.where(fake > 2, np.nan, fake), "NaN"),
        (lambda fake: np.where(fake > 2, np.inf, fake), "infinity"),
        (lambda fake: fake[:1], "at least two rows"),
        (lambda fake: fake[0], "shape"),
        (lambda fake: fake[:, :0], "shape"),
    ],
)
def test_features_that_do_not_fit(corrupt: Callable[[np.ndarray], np.ndarray], message: str) -> None:
    real, fake = np.random.default_rng(0).standard_normal((2, 40, 3)) * 2
    for function in (frechet.frechet_distance, kernel.kernel_distance, prdc.prdc, novelty.nearest_two):
        with pytest.raises(UsageError, match=message):
            function(real, corrupt(fake))


@pytest.mark.parametrize(
    ("value", "cloud", "bounds", "expected"),
    [
        (1.0, [0.90, 0.92, 0.94], (0.0, 1.0), (0.98, 1.0)),
        (0.0, [0.0, 0.02, 0.04], (0.0, np.inf), (0.0, 0.02)),
        (10.0, [8.0, 9.0, 10.0], (0, 10), (9.0, 10.0)),
        (5.0, [4.0, 5.0, 6.0], (0, 10), (4.0, 6.0)),
    ],
)
def test_an_interval_stays_within_what_a_metric_can_be(
    value: float, cloud: list[float], bounds: tuple[float, float], expected: tuple[float, float]
) -> None:
    assert bootstrap.interval(value, np.array(cloud), level=1.0, bounds=bounds) == pytest.approx(expected)
