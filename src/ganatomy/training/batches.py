"""Batches of real images, cut by index: which images they hold is a function of (seed, epoch, batch)."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor

from ganatomy import images, randomness
from ganatomy.config.timeline import Timeline
from ganatomy.data import Dataset, announce, take
from ganatomy.distributed.shards import Shard

CHUNK = 10_000
"""Images that are copied to a GPU at a time: of a memory map no more are in memory at once."""


class Batches(ABC):
    """The real images of each critic step, in the networks' range and on their device, and their labels."""

    def __init__(
        self, dataset: Dataset, timeline: Timeline, seed: int, value_range: images.Range, device: torch.device
    ) -> None:
        self._images = dataset.images
        self._labels = None if dataset.labels is None else self._placed(torch.tensor(dataset.labels), device)
        self._timeline = timeline
        self._seed = seed
        self._range = value_range
        self._device = device
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def real(self, update: int, critic_step: int, shard: Shard | None = None) -> Tensor:
        """The batch of one critic step, or a shard of it: N x C x H x W float32; N is smaller at an epoch's end."""
        pixels = self._pixels(self._index(update, critic_step, shard))
        _, batch = self._timeline.batch_at(update, critic_step)
        size = self._timeline.batch
        self._expect(self._order[(batch + 1) * size : (batch + 2) * size])
        return images.to_range(pixels, self._range)

    def labels(self, update: int, critic_step: int, shard: Shard | None = None) -> Tensor | None:
        """The labels of the images of `real`: N, int64, on the device. None where the data has no classes."""
        if self._labels is None:
            return None
        return to_device(self._labels[self._index(update, critic_step, shard)], self._device)

    def _index(self, update: int, critic_step: int, shard: Shard | None) -> Tensor:
        epoch, batch = self._timeline.batch_at(update, critic_step)
        if epoch != self._epoch:
            self._order = self._placed(randomness.permutation(len(self._images), self._seed, epoch), self._device)
            self._epoch = epoch
        size = self._timeline.batch
        index = self._order[batch * size : (batch + 1) * size]
        return index if shard is None else index[shard.rows]

    def _expect(self, index: Tensor) -> None:
        """The images of the epoch's next batch, none after its last: they may be fetched meanwhile."""
        return

    @abstractmethod
    def _placed(self, whole: Tensor, device: torch.device) -> Tensor:
        """An epoch's order, or all labels, where batches are cut from them."""

    @abstractmethod
    def _pixels(self, index: Tensor) -> Tensor:
        """Those images as they are stored, on the device."""


class HostBatches(Batches):
    """From memory, or from a memory map, to the device a batch at a time."""

    def _placed(self, whole: Tensor, device: torch.device) -> Tensor:
        return whole

    def _pixels(self, index: Tensor) -> Tensor:
        return to_device(torch.from_numpy(take(self._images, index.numpy())), self._device)

    def _expect(self, index: Tensor) -> None:
        announce(self._images, index.numpy())


class ResidentBatches(Batches):
    """From the device's own memory, which holds all images: nothing but an epoch's order is copied."""

    def __init__(
        self, dataset: Dataset, timeline: Timeline, seed: int, value_range: images.Range, device: torch.device
    ) -> None:
        super().__init__(dataset, timeline, seed, value_range, device)
        rows = np.arange(len(dataset.images))
        chunks = np.split(rows, rows[CHUNK::CHUNK])
        self._resident = torch.cat([torch.from_numpy(take(dataset.images, chunk)).to(device) for chunk in chunks])

    def _placed(self, whole: Tensor, device: torch.device) -> Tensor:
        return to_device(whole, device)

    def _pixels(self, index: Tensor) -> Tensor:
        return self._resident[index]


def of(dataset: Dataset, timeline: Timeline, seed: int, value_range: images.Range, device: torch.device) -> Batches:
    """The kind that suits the device: all images on a GPU where they take no more than a quarter of its free memory."""
    if device.type == "cuda" and dataset.images.nbytes <= torch.cuda.mem_get_info(device)[0] / 4:
        return ResidentBatches(dataset, timeline, seed, value_range, device)
    return HostBatches(dataset, timeline, seed, value_range, device)


def to_device(values: Tensor, device: torch.device) -> Tensor:
    """A copy on the device, without waiting for it where that is a GPU; the tensor itself on the CPU."""
    if device.type != "cuda" or values.is_cuda:
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)
