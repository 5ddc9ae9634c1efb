"""Random numbers as a function of (seed, what for, step): never of what was drawn before.

So there is no generator state to save: a resumed run draws what the uninterrupted one would have drawn, a callback
cannot change a run, and nothing here depends on the device or on torch's global generator.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from ganatomy.surroundings import alone


def derive(seed: int, purpose: str, *position: int) -> int:
    """A 63-bit seed for one purpose at one position, unrelated to every other's."""
    key = "/".join([str(seed), purpose, *map(str, position)])
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed: int, purpose: str, *position: int) -> torch.Generator:
    """A torch generator that starts from `derive(...)`. On the CPU, so that every device sees the same numbers."""
    return torch.Generator().manual_seed(derive(seed, purpose, *position))


def normal(count: int, dimensions: int, seed: int, purpose: str, *position: int) -> Tensor:
    """Noise z ~ N(0, I): count x dimensions, float32, on the CPU."""
    return torch.randn(count, dimensions, generator=generator(seed, purpose, *position), dtype=torch.float32)


def sample_noise(count: int, dimensions: int, seed: int) -> Tensor:
    """Noise for samples, count x dimensions: the first k rows are the same for every count.

    Drawn in blocks, because torch's own order of numbers depends on how many are asked for at once.
    """
    block = 256
    blocks = [normal(block, dimensions, seed, "sample", index) for index in range(-(-count // block))]
    return torch.cat(blocks)[:count] if blocks else torch.empty(0, dimensions)


def labels(count: int, class_counts: Sequence[int], seed: int) -> Tensor:
    """Labels for samples, int64, each class as likely as its count says: the first k are the same for every count."""
    shares = torch.tensor(class_counts, dtype=torch.float64).cumsum(0)
    drawn = torch.rand(count, dtype=torch.float64, generator=generator(seed, "sample/labels")) * shares[-1]
    return torch.searchsorted(shares, drawn, right=True)


def permutation(count: int, seed: int, epoch: int) -> Tensor:
    """The order in which one epoch shows the training images: count indices, int64."""
    return torch.randperm(count, generator=generator(seed, "order", epoch))


@contextmanager
def global_seed(seed: int, purpose: str, *position: int, device: torch.device | None = None) -> Iterator[None]:
    """Seed torch's global generators inside, and leave them untouched: for layers and losses that draw from them.

    On the CPU, and on a GPU too if `device` is one. Other threads that want the same wait.
    """
    with seeded(derive(seed, purpose, *position), device):
        yield


@contextmanager
def seeded(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """As `global_seed`, from a seed as it is."""
    on_gpu = device is not None and device.type == "cuda"
    with alone, torch.random.fork_rng(devices=[device] if on_gpu else []):
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            torch.cuda.manual_seed(seed)
        yield


@contextmanager
def untouched() -> Iterator[None]:
    """Leave the global generators of Python and NumPy as they are, whatever is drawn inside."""
    python, numbers = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numbers)
