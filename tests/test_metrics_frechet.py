"""FID against closed forms, scipy's matrix root and torchmetrics; its invariances; singular covariances."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, stats
from torchmetrics.image.fid import FrechetInceptionDistance

from ganatomy.metrics import bootstrap, frechet
from ganatomy.metrics.frechet import Moments

seeds = st.integers(0, 10**6)


def sets(seed: int, n: int = 80, d: int = 6) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """A real set, a fake set of another shape and place, and the generator that made them."""
    generator = np.random.default_rng(seed)
    mixing = generator.standard_normal((d, d))
    return generator.standard_normal((n, d)), generator.standard_normal((n + 7, d)) @ mixing + 0.5, generator


class Identity(torch.nn.Module):
    """For torchmetrics: the features are the input."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.num_features = dimensions

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features


def test_gaussians_with_a_closed_form() -> None:
    """Covariances that commute: |m1 - m2|^2 + sum (sqrt l1 - sqrt l2)^2."""
    generator = np.random.default_rng(0)
    rotation = stats.ortho_group.rvs(12, random_state=1)
    for _ in range(20):
        first, second = generator.random((2, 12)) * 10
        means = generator.standard_normal((2, 12))
        found = frechet.between(
            Moments(means[0], (rotation * first) @ rotation.T), Moments(means[1], (rotation * second) @ rotation.T)
        )
        expected = ((means[0] - means[1]) ** 2).sum() + ((first**0.5 - second**0.5) ** 2).sum()
        assert found == pytest.approx(expected, abs=1e-6)


@given(seed=seeds)
def test_scipys_matrix_root(seed: int) -> None:
    real, fake, _ = sets(seed)
    a, b = frechet.moments(real), frechet.moments(fake)
    root = linalg.sqrtm(a.covariance @ b.covariance).real
    expected = ((a.mean - b.mean) ** 2).sum() + np.trace(a.covariance + b.covariance - 2 * root)
    assert frechet.frechet_distance(real, fake) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("d", [3, 64])
def test_torchmetrics(d: int) -> None:
    real, fake, _ = sets(0, 500, d)
    oracle = FrechetInceptionDistance(feature=Identity(d)).set_dtype(torch.float64)
    oracle.update(torch.from_numpy(real), real=True)
    oracle.update(torch.from_numpy(fake), real=False)
    assert frechet.frechet_distance(real, fake) == pytest.approx(float(oracle.compute()), rel=1e-6)


def test_moments_are_numpys() -> None:
    real, _, _ = sets(0)
    found = frechet.moments(real)
    np.testing.assert_allclose(found.mean, real.mean(axis=0))
    np.testing.assert_allclose(found.covariance, np.cov(real.T), atol=1e-14)


@given(seed=seeds, scale=st.floats(0.01, 100))
def test_invariances(seed: int, scale: float) -> None:
    real, fake, generator = sets(seed)
    value = frechet.frechet_distance(real, fake)
    rotation = stats.ortho_group.rvs(6, random_state=seed)
    shift = generator.standard_normal(6) * 10
    assert frechet.frechet_distance(generator.permutation(real), generator.permutation(fake)) == pytest.approx(value)
    assert frechet.frechet_distance(real @ rotation + shift, fake @ rotation + shift) == pytest.approx(value, rel=1e-8)
    assert frechet.frechet_distance(real * scale, fake * scale) == pytest.approx(value * scale**2, rel=1e-8)
    assert frechet.frechet_distance(fake, real) == pytest.approx(value, rel=1e-8)


@given(seed=seeds, times=st.integers(2, 5))
def test_repeated_sets(seed: int, times: int) -> None:
    """Repeats leave the means, and shrink each covariance by (1 - 1/n) / (1 - 1/(tn)): by the same for equal n."""
    real, fake, _ = sets(seed)
    fake = fake[: len(real)]
    n = len(real)
    means = ((real.mean(axis=0) - fake.mean(axis=0)) ** 2).sum()
    shrunk = (1 - 1 / n) / (1 - 1 / (times * n))
    expected = means + shrunk * (frechet.frechet_distance(real, fake) - means)
    found = frechet.frechet_distance(np.repeat(real, times, axis=0), np.repeat(fake, times, axis=0))
    assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_singular_covariances(n: int) -> None:
    """Fewer images than features, and features that are constant: the same as without the constant ones."""
    generator = np.random.default_rng(n)
    real, fake = generator.standard_normal((2, n, 30))
    constant = np.full((n, 4), 3.0)
    value = frechet.frechet_distance(real, fake)
    assert frechet.frechet_distance(np.hstack([real, constant]), np.hstack([fake, constant])) == pytest.approx(value)
    assert frechet.frechet_distance(real, real) == pytest.approx(0, abs=1e-6)
    a, b = np.cov(real.T), np.cov(fake.T)
    # The same trace by the singular values of X Y', which needs no roots of matrices.
    centred = [(rows - rows.mean(axis=0)) / np.sqrt(n - 1) for rows in (real, fake)]
    nuclear = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    shift = ((real.mean(axis=0) - fake.mean(axis=0)) ** 2).sum()
    assert value == pytest.approx(shift + np.trace(a) + np.trace(b) - 2 * nuclear, abs=1e-5)


def test_a_collapsed_generator() -> None:
    real, _, _ = sets(0)
    one = np.tile(real[:1], (50, 1))
    expected = ((real.mean(axis=0) - real[0]) ** 2).sum() + np.trace(np.cov(real.T))
    assert frechet.frechet_distance(real, one) == pytest.approx(expected)


@given(seed=seeds)
def test_replicates_are_of_the_resampled_images(seed: int) -> None:
    real, fake, _ = sets(seed)
    counts = bootstrap.draws(len(fake), 4, seed)
    expected = [frechet.frechet_distance(real, np.repeat(fake, column, axis=0)) for column in counts.T]
    # 1000 away the second moments are a million times the covariances.
    np.testing.assert_allclose(frechet.replicates(real, fake, counts), expected, rtol=1e-8)
    np.testing.assert_allclose(frechet.replicates(real + 1e3, fake + 1e3, counts), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("n", "d", "message"),
    [(50, 64, "singular"), (64, 64, "singular"), (65, 64, "biased"), (639, 64, "640"), (640, 64, None)],
)
def test_too_few_images_are_told(n: int, d: int, message: str | None) -> None:
    found = frechet.small_sample_warning(n, d)
    assert found is None if message is None else message in str(found)
