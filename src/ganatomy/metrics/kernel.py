"""KID, the squared maximum mean discrepancy between features, without bias at any number of images.

Binkowski et al. 2018, https://arxiv.org/abs/1801.01401, section 4, with k(x, y) = (x.y / d + 1)^3:

    KID = mean over i != j of k(r_i, r_j)  +  mean over i != j of k(f_i, f_j)  -  2 mean over i, j of k(r_i, f_j)

Papers average it over random subsets; here all images count at once, which has less variance for the same images.
"""

from __future__ import annotations

import numpy as np

from ganatomy.errors import UsageError
from ganatomy.metrics import checks

BLOCK = 1024
"""Rows and columns of the kernel matrix held at a time: 8 MiB of float64."""


def kernel_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """KID of features n x d and m x d from all pairs; can be a little below 0.

    Raises UsageError when they do not match or are not finite.
    """
    return float(replicates(real, fake, np.ones((len(fake), 1)))[0])


def replicates(real: np.ndarray, fake: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """KID of every bootstrap replicate: B numbers, each what `kernel_distance` returns for the resampled fakes.

    An image drawn twice makes a pair with itself, so replicates lie above the value; `bootstrap.interval` knows.
    `counts` is fake images x B. Raises UsageError as `kernel_distance` does, and for counts that do not fit.
    """
    real, fake = checks.pair(real, fake)
    counts = checks.numbers(counts, "counts")
    lifted_real, lifted_fake = _lift(real), _lift(fake)
    among_real = _pair_means(lifted_real, np.ones((len(real), 1)))
    across = _means_over(lifted_real, lifted_fake) @ counts / len(fake)
    return np.asarray(among_real + _pair_means(lifted_fake, counts) - 2 * across)


def subset_kernel_distance(
    real: np.ndarray, fake: np.ndarray, subsets: int = 100, subset_size: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """KID as papers report it: mean and standard deviation over random subsets of equal size, from its own generator.

    The deviation is that of one subset, not the error of the mean. Raises UsageError for subsets that are empty or
    larger than either set.
    """
    real, fake = checks.pair(real, fake)
    if subsets < 1 or not 2 <= subset_size <= min(len(real), len(fake)):
        raise UsageError(
            f"cannot take {subsets} subsets of {subset_size} from {len(real)} real and {len(fake)} fake images; "
            f"choose at least one subset of 2 to {min(len(real), len(fake))}"
        )
    generator = np.random.default_rng(seed)
    values = np.array(
        [
            kernel_distance(
                real[generator.choice(len(real), subset_size, replace=False)],
                fake[generator.choice(len(fake), subset_size, replace=False)],
            )
            for _ in range(subsets)
        ]
    )
    return float(values.mean()), float(values.std())


def _lift(rows: np.ndarray) -> np.ndarray:
    """n x (d + 1), whose products are x.y / d + 1: the matrix product then leaves only the cube to do."""
    return np.column_stack([rows / np.sqrt(rows.shape[1]), np.ones(len(rows))])


class _Kernel:
    """Blocks of the kernel matrix in memory that is used again: fresh memory would cost more than the product."""

    def __init__(self) -> None:
        self._values = np.empty(BLOCK * BLOCK)
        self._squares = np.empty(BLOCK * BLOCK)

    def block(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """k of a rows with b rows, a x b; valid until the next call."""
        size = len(left) * len(right)
        values = self._values[:size].reshape(len(left), len(right))
        squares = self._squares[:size].reshape(values.shape)
        np.matmul(left, right.T, out=values)
        np.multiply(values, values, out=squares)
        return np.multiply(values, squares, out=values)


def _pair_means(lifted: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean of k over pairs of places in each replicate: B numbers, (c'Kc - sum c_i k_ii) / (n (n - 1))."""
    n = len(lifted)
    total = -(np.einsum("ij,ij->i", lifted, lifted) ** 3 @ counts)
    kernel = _Kernel()
    for rows in checks.blocks(n, BLOCK):
        for columns in checks.blocks(n, BLOCK):
            if columns.start < rows.start:
                continue
            inner = kernel.block(lifted[rows], lifted[columns]) @ counts[columns]
            # The matrix is symmetric: what lies right of the diagonal counts twice.
            total += (1 if rows == columns else 2) * np.einsum("ib,ib->b", counts[rows], inner)
    return np.asarray(total / (n * (n - 1)))


def _means_over(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The mean of k(l, r) over all l, for every r."""
    total = np.zeros(len(right))
    kernel = _Kernel()
    for rows in checks.blocks(len(left), BLOCK):
        for columns in checks.blocks(len(right), BLOCK):
            total[columns] += kernel.block(left[rows], right[columns]).sum(axis=0)
    return total / len(left)
