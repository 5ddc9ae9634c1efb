"""Batches of real images, cut by index: which images they hold is a function of (seed, epoch, batch)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ganatomy import images, randomness
from ganatomy.data import Dataset, take
from ganatomy.parts import Part
from ganatomy.timeline import Timeline


class Batches:
    """The real images of each critic step, in the networks' range and on their device."""

    def __init__(
        self, dataset: Dataset, timeline: Timeline, seed: int, value_range: images.Range, device: torch.device
    ) -> None:
        self._images = dataset.images
        self._timeline = timeline
        self._seed = seed
        self._range = value_range
        self._device = device
        self._epoch = -1
        self._order = np.empty(0, np.int64)

    def real(self, update: int, critic_step: int, part: Part | None = None) -> Tensor:
        """The batch of one critic step, or a part of it: N x C x H x W float32; N is smaller at an epoch's end."""
        epoch, batch = self._timeline.batch_at(update, critic_step)
        if epoch != self._epoch:
            self._order = randomness.permutation(len(self._images), self._seed, epoch).numpy()
            self._epoch = epoch
        start = batch * self._timeline.batch
        indices = self._order[start : start + self._timeline.batch]
        chosen = take(self._images, indices if part is None else indices[part.rows])
        return images.to_range(torch.from_numpy(chosen).to(self._device), self._range)
