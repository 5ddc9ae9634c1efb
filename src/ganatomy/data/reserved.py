"""Real images set apart: for the accuracy of a classifier, and for what a perfect generator would score."""

from __future__ import annotations

import hashlib

import numpy as np

from ganatomy.data.base import Dataset, Source, digest_of, take

SEED = 170_608_500  # any fixed number: it names the halves and fifths, as a file's name would


def split(source: Source, dataset: Dataset) -> tuple[Dataset, Dataset]:
    """What to learn from, and what to be tested on: the source's own held-out images, else a fixed fifth."""
    held_out = source.held_out()
    if held_out is not None:
        return dataset, held_out
    order = np.random.default_rng(SEED).permutation(len(dataset))
    cut = len(dataset) // 5
    return chosen(dataset, order[cut:]), chosen(dataset, order[:cut])


def halves(source: Source, dataset: Dataset, n: int | None) -> tuple[Dataset, Dataset]:
    """Two sets of n real images each that share none.

    The reference is drawn from the training images. The other is drawn from the source's own held-out images, or, where
    it has none, from the training images too. `n` unset: as many as there are for both, but 10,000 at most.
    """
    held_out = source.held_out()
    most = most_in_half(dataset, held_out)
    count = min(most, 10_000) if n is None else min(n, most)
    # Not the permutation of `split`: of what a classifier has not learnt from, either set then has its share.
    order = np.random.default_rng(SEED + 1).permutation(len(dataset))
    if held_out is None:
        return chosen(dataset, order[:count]), chosen(dataset, order[len(order) - count :])
    other = np.random.default_rng(SEED).permutation(len(held_out))
    return chosen(dataset, order[:count]), chosen(held_out, other[:count])


def not_held_out(source: Source, dataset: Dataset, n: int) -> np.ndarray:
    """Indices, ascending, of the training images that are none of the second set of `halves(source, dataset, n)`."""
    if source.held_out() is not None:
        return np.arange(len(dataset))
    order = np.random.default_rng(SEED + 1).permutation(len(dataset))
    return np.sort(order[: len(order) - n])


def most_in_half(dataset: Dataset, held_out: Dataset | None) -> int:
    """How many images each of the two can have."""
    return len(dataset) // 2 if held_out is None else min(len(dataset), len(held_out))


def digest_with_labels(dataset: Dataset) -> str:
    """SHA-256 over images, labels and the classes' names, as 64 hexadecimal digits."""
    labels = b"" if dataset.labels is None else np.ascontiguousarray(dataset.labels).tobytes()
    parts = [dataset.digest.encode(), labels, "/".join(dataset.classes).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def chosen(dataset: Dataset, index: np.ndarray) -> Dataset:
    """Some images of a data set, in their order there."""
    index = np.sort(index)
    images = take(dataset.images, index)
    labels = None if dataset.labels is None else dataset.labels[index]
    return Dataset(images, labels, dataset.classes, digest_of(images))
