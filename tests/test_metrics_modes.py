"""Classes and mixture modes against closed forms, binomial simulation, and what a perfect sampler gets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ganatomy.errors import UsageError
from ganatomy.metrics import bootstrap, modes

seeds = st.integers(0, 10**6)
UNIFORM = np.full(10, 0.1)
RING = 2 * np.array([[np.cos(angle), np.sin(angle)] for angle in np.arange(8) * np.pi / 4])


@pytest.mark.parametrize("least_share", [0.0, 0.1, 0.5])
def test_a_class_is_found_at_its_threshold(least_share: float) -> None:
    """10,000 images, where 1000 of each class are due: one image; exactly the share asked for; one less."""
    due = round(1000 * least_share)
    per_class = np.array([10_000 - 1 - due - max(due - 1, 0), 1, due, max(due - 1, 0), 0, 0, 0, 0, 0, 0])
    found = modes.classes_found(per_class, UNIFORM, least_share)
    assert found == ((0, 1) if least_share == 0 else (0, 2))


def test_an_empty_class_is_never_found() -> None:
    assert modes.classes_found(np.array([5, 0, 5]), np.array([0.5, 0.5, 0.0]), 0) == (0, 2)


def test_a_classifiers_errors_find_what_was_never_made() -> None:
    """The docstring's reason: 1 % errors over n = 10,000 images of 9 classes."""
    generator = np.random.default_rng(0)
    predicted = generator.integers(0, 9, 10_000)
    predicted[:100] = 9
    per_class = modes.class_counts(predicted, 10)
    assert len(modes.classes_found(per_class, UNIFORM, 0)) == 10
    assert modes.classes_found(per_class, UNIFORM, 0.2) == tuple(range(9))


def test_kl_of_one_class_and_of_half() -> None:
    assert modes.class_kl(np.eye(10)[0], UNIFORM) == pytest.approx(np.log(10))
    assert modes.class_kl(np.repeat([3, 0], 5), UNIFORM) == pytest.approx(np.log(2))
    assert modes.class_kl(np.full(10, 7), UNIFORM) == 0
    assert modes.class_kl(np.array([1, 1]), np.array([1.0, 0.0])) == np.inf
    assert modes.class_kl(np.array([1, 0]), np.array([1.0, 0.0])) == 0


@given(seed=seeds)
def test_kl_is_scipys_entropy(seed: int) -> None:
    generator = np.random.default_rng(seed)
    per_class, shares = generator.integers(0, 50, 10) + 1, generator.dirichlet(np.ones(10))
    assert modes.class_kl(per_class, shares) == pytest.approx(stats.entropy(per_class / per_class.sum(), shares))


@pytest.mark.parametrize(("n", "classes"), [(10_000, 10), (25_600, 1000)])
def test_the_floor_is_near_its_first_order(n: int, classes: int) -> None:
    """(K - 1) / 2n, up to the next term, about K^2 / 12 n^2."""
    floor = modes.class_kl_floor(n, np.full(classes, 1 / classes))
    first = (classes - 1) / (2 * n)
    assert floor == pytest.approx(first, abs=classes**2 / (6 * n**2))
    assert floor > first


def test_the_floor_is_the_whole_binomial_sum() -> None:
    shares = np.array([0.0, 1e-5, 0.01, 0.3, 0.68999])
    x = np.arange(1, 3001)
    expected = sum(stats.binom.pmf(x, 3000, p) @ (x / 3000 * np.log(x / 3000 / p)) for p in shares[1:])
    assert modes.class_kl_floor(3000, shares) == pytest.approx(expected, rel=1e-10)
    assert modes.class_kl_floor(1, UNIFORM) == pytest.approx(np.log(10))


def test_the_floor_is_a_perfect_samplers_mean() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(20))
    sampled = np.random.default_rng(1).multinomial(200, shares, size=5000)
    values = np.array([modes.class_kl(per_class, shares) for per_class in sampled])
    assert modes.class_kl_floor(200, shares) == pytest.approx(values.mean(), abs=4 * values.std() / 5000**0.5)


def test_classifier_score_of_sure_and_unsure_rows() -> None:
    """One-hot rows over all classes score K; equal rows score 1; zeros make no NaN."""
    assert modes.classifier_score(np.tile(np.eye(10), (30, 1))) == pytest.approx(10)
    assert modes.classifier_score(np.tile(np.eye(10)[:1], (30, 1))) == pytest.approx(1)
    assert modes.classifier_score(np.full((30, 10), 0.1)) == pytest.approx(1)


@given(seed=seeds)
def test_classifier_score_is_the_mean_kl(seed: int) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(10, 0.1), size=50)
    expected = np.exp(np.mean([stats.entropy(row, rows.mean(axis=0)) for row in rows]))
    assert modes.classifier_score(rows) == pytest.approx(expected)
    assert modes.classifier_score(rows.astype(np.float32)) == pytest.approx(expected, rel=1e-5)
    assert 1 <= expected <= 10


@given(seed=seeds)
def test_replicates_are_of_the_resampled_images(seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.dirichlet(np.full(10, 0.1), size=60)
    points = generator.choice(RING, 60) + generator.standard_normal((60, 2)) * 0.05
    predicted = rows.argmax(axis=1)
    counts = bootstrap.draws(60, 4, seed)
    samples = [np.repeat(np.arange(60), column) for column in counts.T]
    per_class = [modes.class_counts(predicted[sample], 10) for sample in samples]
    np.testing.assert_allclose(
        modes.class_kl_replicates(predicted, UNIFORM, counts), [modes.class_kl(one, UNIFORM) for one in per_class]
    )
    np.testing.assert_array_equal(
        modes.classes_found_replicates(predicted, UNIFORM, counts, 0.5),
        [len(modes.classes_found(one, UNIFORM, 0.5)) for one in per_class],
    )
    np.testing.assert_allclose(
        modes.classifier_score_replicates(rows, counts), [modes.classifier_score(rows[sample]) for sample in samples]
    )
    found = modes.mixture_replicates(points, RING, 0.02, counts)
    expected = [modes.mixture_modes(points[sample], RING, 0.02) for sample in samples]
    for name in ("found", "high_quality", "reverse_kl"):
        np.testing.assert_allclose(getattr(found, name), [getattr(one, name) for one in expected], atol=1e-12)


def test_a_perfect_sampler_of_a_ring() -> None:
    generator = np.random.default_rng(0)
    points = RING[generator.integers(0, 8, 100_000)] + generator.standard_normal((100_000, 2)) * 0.02
    found = modes.mixture_modes(points, RING, 0.02)
    assert found.found == 8
    assert found.high_quality == pytest.approx(1 - np.exp(-4.5), abs=4 * (0.011 / 100_000) ** 0.5)
    assert found.reverse_kl < 20 * modes.class_kl_floor(100_000, np.full(8, 1 / 8))


def test_collapse_and_stray_points() -> None:
    """One mode alone; points that belong to a mode without being good find nothing, but count in the KL."""
    one = modes.mixture_modes(np.tile(RING[0], (50, 1)), RING, 0.02)
    assert (one.found, one.high_quality, one.reverse_kl) == (1, 1, pytest.approx(np.log(8)))
    stray = modes.mixture_modes(RING * 1.1, RING, 0.02)
    assert (stray.found, stray.high_quality, stray.reverse_kl) == (0, 0, pytest.approx(0))
    rim = modes.mixture_modes(np.array([RING[0] + [0, 0.0599], RING[2] + [0.0601, 0]]), RING, 0.02)
    assert (rim.found, rim.high_quality) == (1, 0.5)


@pytest.mark.parametrize("predicted", [np.array([0, 10]), np.array([-1, 0]), np.array([0.0, 1.0]), np.array([], int)])
def test_predictions_that_are_none(predicted: np.ndarray) -> None:
    with pytest.raises(UsageError, match="integers from 0 to 9"):
        modes.class_counts(predicted, 10)


def test_other_input_that_does_not_fit() -> None:
    with pytest.raises(UsageError, match="sum to 1"):
        modes.class_kl(np.ones(10), np.ones(10))
    with pytest.raises(UsageError, match="softmax"):
        modes.classifier_score(np.random.default_rng(0).standard_normal((5, 10)))
