"""Images of a generator from noise and labels that are functions of a seed: the one way from a generator to images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

import numpy as np
import torch
from torch import Tensor, nn

from ganatomy import images, randomness
from ganatomy.config import Config
from ganatomy.models import generate
from ganatomy.surroundings import standard

BATCH = 250
"""Images that are generated at a time."""


class Sampler:
    """Draws images of a generator, which must be in eval mode.

    Of noise and labels the first k are the same for every count. Labels are drawn as often as the data has their classes.
    """

    def __init__(
        self, config: Config, class_counts: Sequence[int], generator: nn.Module, device: torch.device | str = "cpu"
    ) -> None:
        """`class_counts`: the training images of each class, which a conditional model's labels are drawn by."""
        self.generator = generator
        self._latent = config.model.latent
        self._range = config.real_range
        self._class_counts = class_counts if config.model.conditional else ()
        self._device = device

    def noise(self, count: int, seed: int) -> Tensor:
        """z ~ N(0, I), count x latent, on the CPU."""
        return randomness.sample_noise(count, self._latent, seed)

    def labels(self, count: int, seed: int, label: int | None = None) -> Tensor | None:
        """`count` labels, int64, on the CPU: all `label` where that is given. None where the model is not conditional."""
        if not self._class_counts:
            return None
        if label is not None:
            return torch.full((count,), label, dtype=torch.int64)
        return randomness.labels(count, self._class_counts, seed)

    @standard()
    @torch.inference_mode()
    def decode(self, noise: Tensor, labels: Tensor | None = None) -> np.ndarray:
        """The images of given noise and labels: N x H x W x C uint8, or N x 1 x 1 x 2 float32 points."""
        chosen: Iterable[Tensor | None] = repeat(None) if labels is None else labels.to(self._device).split(BATCH)
        made = [
            images.to_pixels(generate(self.generator, rows.to(self._device), their_labels), self._range)
            for rows, their_labels in zip(noise.split(BATCH), chosen, strict=False)
        ]
        return np.concatenate(made)

    @standard()
    def draw(self, count: int, seed: int, label: int | None = None) -> np.ndarray:
        """`count` images, at least 1, in the form of `decode`."""
        return self.decode(self.noise(count, seed), self.labels(count, seed, label))
