"""D as a loss calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ganatomy import randomness
from ganatomy.errors import UsageError

if TYPE_CHECKING:
    from ganatomy.objectives import Batch
    from ganatomy.training.players import Player


class ScoredCritic:
    """D with the batch's labels bound. It remembers the scores of the batch's real and fake images."""

    def __init__(self, discriminator: Player, batch: Batch, labels: Tensor | None, input_noise: float = 0.0) -> None:
        """`labels`: those of the batch where the model is conditional, else None; `input_noise`: `train.input_noise`."""
        self._discriminator = discriminator
        self._input_noise = input_noise
        self._watched = {"real": batch.real, "fake": batch.fake}
        self._labels = labels
        self.scores: dict[str, Tensor] = {}

    def __call__(self, images: Tensor) -> Tensor:
        """Images, N x C x H x W, to raw scores, N x scores.

        Where the model is conditional, N is the batch's number of images or a multiple of it (real and fake, concatenated).
        """
        shown = images + self._input_noise * torch.randn_like(images) if self._input_noise else images
        scores = self._discriminator(shown, self._labels_for(images))
        for name, watched in self._watched.items():
            if _are_same(images, watched):
                self.scores[name] = scores.detach()
        return scores

    def complete(self, seed: int, update: int) -> None:
        """Score what the loss showed to D in another form only (mixed, cropped, noised): on a copy, so nothing changes."""
        for name in self._watched.keys() - self.scores.keys():
            with randomness.global_seed(seed, f"log/{name}", update):
                self.scores[name] = self._discriminator.apart(self._watched[name], self._labels)

    def _labels_for(self, images: Tensor) -> Tensor | None:
        labels = self._labels
        if labels is None or len(labels) == len(images):
            return labels
        if len(labels) == 0 or len(images) % len(labels):
            raise UsageError(
                f"the critic was called on {len(images)} images, and the batch has {len(labels)} labels; call it on as many "
                "images as the batch has, or on a multiple (torch.cat([batch.real, batch.fake]))"
            )
        return labels.repeat(len(images) // len(labels))


def _are_same(images: Tensor, watched: Tensor) -> bool:
    """Whether these are the same values: the tensor itself, or a view such as `detach()` makes."""
    if images is watched:
        return True
    if images.shape != watched.shape or images.stride() != watched.stride():
        return False
    try:
        return images.data_ptr() == watched.data_ptr()
    except RuntimeError:  # inside torch.func's transforms a tensor has no memory of its own
        return False
