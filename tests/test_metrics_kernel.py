"""KID against the double sum and torchmetrics; unbiased; invariances; replicates and subsets."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torchmetrics.image.kid import KernelInceptionDistance

from ganatomy.errors import UsageError
from ganatomy.metrics import bootstrap, kernel
from test_metrics_frechet import Identity, sets

seeds = st.integers(0, 10**6)


def double_sum(real: np.ndarray, fake: np.ndarray) -> float:
    """The definition, pair by pair."""
    rr, ff, rf = ((a @ b.T / real.shape[1] + 1) ** 3 for a, b in ((real, real), (fake, fake), (real, fake)))
    n, m = len(real), len(fake)
    return (rr.sum() - np.trace(rr)) / (n * (n - 1)) + (ff.sum() - np.trace(ff)) / (m * (m - 1)) - 2 * rf.mean()


@given(seed=seeds)
def test_the_definition(seed: int) -> None:
    real, fake, _ = sets(seed)
    assert kernel.kernel_distance(real, fake) == pytest.approx(double_sum(real, fake), rel=1e-9)


def test_blocks_of_the_kernel_matrix() -> None:
    real, fake, _ = sets(0, 2 * kernel.BLOCK + 3, 4)
    assert kernel.kernel_distance(real, fake[: kernel.BLOCK + 1]) == pytest.approx(
        double_sum(real, fake[: kernel.BLOCK + 1]), rel=1e-9
    )


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save")
@pytest.mark.parametrize("d", [3, 64])
def test_torchmetrics(d: int) -> None:
    """One subset of all images is the full estimate."""
    real, fake, _ = sets(0, 500, d)
    fake = fake[:500]
    oracle = KernelInceptionDistance(feature=Identity(d), subsets=1, subset_size=500).set_dtype(torch.float64)
    oracle.update(torch.from_numpy(real), real=True)
    oracle.update(torch.from_numpy(fake), real=False)
    assert kernel.kernel_distance(real, fake) == pytest.approx(float(oracle.compute()[0]), rel=1e-6)


def test_it_has_no_bias() -> None:
    """Two sets of one distribution: 0 on average, however few images; some values must be negative."""
    generator = np.random.default_rng(0)
    values = np.array([kernel.kernel_distance(*generator.standard_normal((2, 8, 3))) for _ in range(3000)])
    assert abs(values.mean()) < 4 * values.std() / 3000**0.5
    assert (values < 0).mean() > 0.3


@given(seed=seeds)
def test_invariances(seed: int) -> None:
    """Order and rotation; not shift or scale, because the kernel's 1 is fixed."""
    real, fake, generator = sets(seed)
    value = kernel.kernel_distance(real, fake)
    rotation = stats.ortho_group.rvs(6, random_state=seed)
    assert kernel.kernel_distance(generator.permutation(real), generator.permutation(fake)) == pytest.approx(value)
    assert kernel.kernel_distance(real @ rotation, fake @ rotation) == pytest.approx(value, rel=1e-8)
    assert kernel.kernel_distance(fake, real) == pytest.approx(value, rel=1e-8)


@given(seed=seeds, times=st.integers(2, 4))
def test_repeated_sets(seed: int, times: int) -> None:
    """Repeating a set adds pairs of equal images: each set's mean gains (t - 1) (diagonal - mean) / (tn - 1)."""
    real, fake, _ = sets(seed)
    expected = kernel.kernel_distance(real, fake)
    for rows in (real, fake):
        n = len(rows)
        matrix = (rows @ rows.T / 6 + 1) ** 3
        off_diagonal = (matrix.sum() - np.trace(matrix)) / (n * (n - 1))
        expected += (times - 1) * (np.trace(matrix) / n - off_diagonal) / (times * n - 1)
    found = kernel.kernel_distance(np.repeat(real, times, axis=0), np.repeat(fake, times, axis=0))
    assert found == pytest.approx(expected, rel=1e-8)


@given(seed=seeds)
def test_replicates_are_of_the_resampled_images(seed: int) -> None:
    real, fake, _ = sets(seed)
    counts = bootstrap.draws(len(fake), 4, seed)
    expected = [kernel.kernel_distance(real, np.repeat(fake, column, axis=0)) for column in counts.T]
    np.testing.assert_allclose(kernel.replicates(real, fake, counts), expected, rtol=1e-8)


def test_subsets_average_to_the_whole() -> None:
    real, fake, _ = sets(0, 300)
    mean, deviation = kernel.subset_kernel_distance(real, fake, subsets=400, subset_size=40)
    assert mean == pytest.approx(kernel.kernel_distance(real, fake), abs=5 * deviation / 400**0.5)
    assert kernel.subset_kernel_distance(real, fake, 5, 40, seed=1) == kernel.subset_kernel_distance(
        real, fake, 5, 40, seed=1
    )
    assert kernel.subset_kernel_distance(real, fake, 5, 40, 1) != kernel.subset_kernel_distance(real, fake, 5, 40, 2)


@pytest.mark.parametrize(("subsets", "size"), [(0, 10), (1, 1), (1, 81)])
def test_subsets_that_cannot_be(subsets: int, size: int) -> None:
    real, fake, _ = sets(0)
    with pytest.raises(UsageError, match="subset"):
        kernel.subset_kernel_distance(real, fake, subsets, size)
