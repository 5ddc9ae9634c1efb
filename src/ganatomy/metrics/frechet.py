"""FID, the Fréchet distance between two Gaussians fitted to features.

Heusel et al. 2017, https://arxiv.org/abs/1706.08500, equation 6:

    FID = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))

S1 S2 has the eigenvalues of the symmetric S1^(1/2) S2 S1^(1/2), and a root's trace is the sum of the roots of the
eigenvalues. So no matrix root of a non-symmetric product is needed, and singular covariances do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganatomy.metrics import checks


@dataclass(frozen=True, eq=False)
class Moments:
    """What FID knows of a set of features."""

    mean: np.ndarray
    """d numbers."""
    covariance: np.ndarray
    """d x d, normalised by n - 1."""


def moments(features: np.ndarray) -> Moments:
    """Mean and covariance of n x d features. Raises UsageError unless they are finite, of two rows or more."""
    rows = checks.features("features", features)
    mean = rows.mean(axis=0)
    centred = rows - mean
    return Moments(mean, centred.T @ centred / (len(rows) - 1))


def between(a: Moments, b: Moments) -> float:
    """The squared Fréchet distance of two Gaussians, in squared units of the features; never negative."""
    return _distance(a, _root(a.covariance), b)


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """FID of features n x d and m x d. Raises UsageError when they do not match or are not finite."""
    real, fake = checks.pair(real, fake)
    return between(moments(real), moments(fake))


def replicates(real: np.ndarray, fake: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """FID of every bootstrap replicate: B numbers, each what `frechet_distance` returns for the resampled fakes.

    `counts` is fake images x B. Raises UsageError as `frechet_distance` does, and for counts that do not fit.
    """
    real, fake = checks.pair(real, fake)
    counts = checks.numbers(counts, "counts")
    reference = moments(real)
    root = _root(reference.covariance)
    # About their common mean, so that the difference of the two second moments below cancels no digits.
    centre = fake.mean(axis=0)
    centred = fake - centre
    means = counts.T @ centred / len(fake)
    values = np.empty(counts.shape[1])
    for index, weights in enumerate(counts.T):
        drawn = np.flatnonzero(weights)
        # With the root on both sides the product is of a matrix with itself: half the work.
        weighted = centred[drawn] * np.sqrt(weights[drawn])[:, None]
        second = weighted.T @ weighted - len(fake) * np.outer(means[index], means[index])
        values[index] = _distance(reference, root, Moments(means[index] + centre, second / (len(fake) - 1)))
    return values


def small_sample_warning(n: int, d: int) -> str | None:
    """A sentence for the user when n images are few for d features; None when they are enough.

    FID's bias grows with d and shrinks with n; below n = d + 1 the covariance is not even of full rank.
    """
    if n <= d:
        return (
            f"FID is not reliable: {n} images cannot determine a covariance of {d} features (it is singular). "
            f"Use more than {d} images, better {10 * d}, or read KID instead, which has no bias at any number."
        )
    if n < 10 * d:
        return (
            f"FID is biased upwards: {n} images are few for {d} features. Use at least {10 * d} images, compare only "
            "FIDs of the same number of images, or read KID instead."
        )
    return None


def _clipped(eigenvalues: np.ndarray) -> np.ndarray:
    """Eigenvalues of a positive semi-definite matrix without rounding errors, whose roots would add up to too much."""
    largest = max(float(eigenvalues.max(initial=0.0)), 0.0)
    noise = len(eigenvalues) * np.finfo(np.float64).eps * largest
    return np.where(eigenvalues > noise, eigenvalues, 0.0)


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(_clipped(values))) @ vectors.T)


def _distance(a: Moments, root: np.ndarray, b: Moments) -> float:
    """`root` is S1^(1/2): the reference's is computed once for all replicates."""
    shared = np.sqrt(_clipped(np.linalg.eigvalsh(root @ b.covariance @ root))).sum()
    shift = a.mean - b.mean
    return max(float(shift @ shift + np.trace(a.covariance) + np.trace(b.covariance) - 2 * shared), 0.0)
