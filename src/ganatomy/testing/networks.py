"""What a model is checked with: its networks for one size of images, and what they are called with."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ganatomy.models import Model, Shape, generate, score, takes_labels
from ganatomy.plugin import calls
from ganatomy.randomness import seeded
from ganatomy.runs.networks import copied
from ganatomy.testing.contract import expect, explained

CLASSES = 10
ROWS = 16


def size_words(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


class Networks:
    """A model's networks for one size of images, and what they are called with."""

    def __init__(self, model: Model, shape: Shape) -> None:
        self.model = model
        self.shape = shape
        height, width, channels = shape
        self.size = (channels, height, width)
        self.name = f"{type(model).__name__} for images of {size_words(shape)}"
        draw = torch.Generator().manual_seed(0)
        self.noise = torch.randn(ROWS, model.latent, generator=draw)
        low, high = model.value_range or (-1.0, 1.0)
        self.images = low + (high - low) * torch.rand(ROWS, *self.size, generator=draw)
        self.labels = torch.arange(ROWS) % CLASSES if model.conditional else None

    def fresh(self, seed: int = 0, scores: int = 1) -> tuple[nn.Module, nn.Module]:
        """Both networks, initialised from a seed."""
        made = []
        for role in ("generator", "discriminator"):
            offered = {"shape": self.shape, "classes": CLASSES, "scores": scores}
            with (
                seeded(seed),
                explained(f"{self.name}: {role}", "it is called with those of shape, classes and scores it names"),
            ):
                network = calls.call(getattr(self.model, role), **offered)
            expect(isinstance(network, nn.Module), f"{self.name}: its {role} is {network!r}; return an nn.Module")
            made.append(network)
        return made[0], made[1]

    def generated(self, generator: nn.Module, noise: Tensor | None = None, labels: Tensor | None = None) -> Tensor:
        noise = self.noise if noise is None else noise
        with seeded(0), explained(f"{self.name}: its generator", self._advice(generator)):
            return generate(generator, noise, self.labels if labels is None else labels)

    def scored(self, discriminator: nn.Module, images: Tensor | None = None, labels: Tensor | None = None) -> Tensor:
        images = self.images if images is None else images
        with seeded(0), explained(f"{self.name}: its discriminator", self._advice(discriminator)):
            return score(discriminator, images, self.labels if labels is None else labels)

    def _advice(self, network: nn.Module) -> str:
        if takes_labels(network) and not self.model.conditional:
            return "its forward names labels, which a model gets that declares conditional = True"
        return "noise is N x latent, images are N x C x H x W"

    def outputs(self, generator: nn.Module, discriminator: nn.Module) -> dict[str, Tensor]:
        """What both make of the same input, without a graph; running statistics stay as they are."""
        with torch.no_grad():
            return {
                "generator": self.generated(copied(generator)),
                "discriminator": self.scored(copied(discriminator)),
            }
