"""The nearest two against all distances, exact copies, and the ratio that makes a near-copy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ganatomy.errors import UsageError
from ganatomy.metrics import bootstrap, novelty

seeds = st.integers(0, 10**6)


def all_distances(queries: np.ndarray, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ascending = np.sort(cdist(queries.astype(float), training.astype(float)), axis=1)
    return ascending[:, 0], ascending[:, 1]


@given(seed=seeds, n=st.integers(2, 40), scale=st.floats(1e-3, 1e3))
def test_nearest_two_of_features(seed: int, n: int, scale: float) -> None:
    generator = np.random.default_rng(seed)
    queries, training = generator.standard_normal((17, 6)) * scale, generator.standard_normal((n, 6)) * scale
    np.testing.assert_allclose(novelty.nearest_two(queries, training), all_distances(queries, training), rtol=1e-9)


@pytest.mark.parametrize("pixels", [10, 784])
def test_nearest_two_of_pixels_in_many_blocks(pixels: int) -> None:
    generator = np.random.default_rng(pixels)
    training = generator.integers(0, 256, (2 * novelty.TRAINING_BLOCK + 5, pixels), dtype=np.uint8)
    queries = generator.integers(0, 256, (novelty.QUERY_BLOCK + 3, pixels), dtype=np.uint8)
    found = novelty.nearest_two(queries, training)
    np.testing.assert_allclose(found, all_distances(queries, training), rtol=1e-12)
    np.testing.assert_allclose(novelty.nearest_two(queries / 255, training / 255), np.array(found) / 255, rtol=1e-12)


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_exact_copies_have_the_distance_0(kind: type) -> None:
    """Even far from 0, and where a single pixel differs by one level elsewhere."""
    training = (200 + np.random.default_rng(0).integers(0, 50, (5000, 784))).astype(kind)
    queries = training[::50].copy()
    first, second = novelty.nearest_two(queries, training)
    assert (first == 0).all()
    assert (second > 0).all()
    queries[:, 7] += 1
    first, _ = novelty.nearest_two(queries, training)
    assert (first == 1).all()


def test_near_copies() -> None:
    d1, d2 = np.array([0.0, 0.0, 0.99, 1.0, 2.0]), np.array([3.0, 0.0, 3.0, 3.0, 2.0])
    assert novelty.near_copies(d1, d2).tolist() == [True, True, True, False, False]
    assert novelty.near_copies(d1, d2, ratio=0.9).tolist() == [True, True, True, True, False]


def test_copies_of_doubled_training_images_count() -> None:
    generator = np.random.default_rng(0)
    training = generator.integers(0, 256, (300, 50), dtype=np.uint8)
    doubled = np.repeat(training, 2, axis=0)
    assert novelty.near_copies(*novelty.nearest_two(training[:20], doubled)).all()
    other = generator.integers(0, 256, (20, 50), dtype=np.uint8)
    assert not novelty.near_copies(*novelty.nearest_two(other, training)).any()


def test_new_images_of_the_same_kind_are_no_near_copies() -> None:
    generator = np.random.default_rng(0)
    training = generator.standard_normal((2000, 50))
    noisy = training[:100] + generator.standard_normal((100, 50)) * 0.05
    assert not novelty.near_copies(*novelty.nearest_two(generator.standard_normal((100, 50)), training)).any()
    assert novelty.near_copies(*novelty.nearest_two(noisy, training)).all()


@given(seed=seeds)
def test_the_order_of_training_does_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    queries, training = generator.standard_normal((5, 3)), generator.standard_normal((30, 3))
    found = novelty.nearest_two(queries, generator.permutation(training))
    np.testing.assert_array_equal(found, novelty.nearest_two(queries, training))


def test_replicates_are_of_the_resampled_images() -> None:
    near = np.random.default_rng(0).random(50) < 0.3
    counts = bootstrap.draws(50, 6, 0)
    expected = [np.repeat(near, column).mean() for column in counts.T]
    np.testing.assert_allclose(novelty.near_copy_replicates(near, counts), expected)
    np.testing.assert_allclose(novelty.near_copy_replicates(near, np.ones((50, 1))), near.mean())


@pytest.mark.parametrize("shape", [(1, 5), (5,), (3, 2, 2)])
def test_pixels_of_the_wrong_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="two rows"):
        novelty.nearest_two(np.zeros((4, 5), np.uint8), np.zeros(shape, np.uint8))
