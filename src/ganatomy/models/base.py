"""What every model family is: a generator and a discriminator for images of a given shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le
from torch import Tensor, nn

from ganatomy.plugin import calls
from ganatomy.plugin.settings import Settings

Shape = tuple[int, int, int]
"""Height, width, channels."""

Normalised = Literal["none", "generator", "discriminator", "both"]
"""Which of the two networks have BatchNorm."""


class Generator(nn.Module):
    """Noise to images: N x latent in, N x C x H x W out, within `value_range`."""

    def __init__(self, layers: nn.Sequential, latent: int, value_range: tuple[float, float] | None) -> None:
        super().__init__()
        self.layers = layers
        self.latent = latent
        self.value_range = value_range

    def forward(self, noise: Tensor) -> Tensor:
        return self.layers(noise)


class Discriminator(nn.Module):
    """Images to raw scores (logits): N x C x H x W in, N x scores out. No Sigmoid: the objective decides its meaning."""

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


def takes_labels(network: nn.Module) -> bool:
    """Whether its `forward` names `labels`."""
    return calls.names(network.forward, "labels")


def generate(generator: nn.Module, noise: Tensor, labels: Tensor | None = None) -> Tensor:
    """Images N x C x H x W of noise N x latent, and of labels (N, int64) where the generator takes them."""
    named = {} if labels is None or not takes_labels(generator) else {"labels": labels}
    made: Tensor = generator(noise, **named)
    return made


def score(discriminator: nn.Module, images: Tensor, labels: Tensor | None = None) -> Tensor:
    """Raw scores, N x scores, of images; with labels (N, int64) where the discriminator takes them.

    A discriminator that returns one number an image in another form (N, or N x 1 x 1 x 1) is taken as it is meant.
    """
    named = {} if labels is None or not takes_labels(discriminator) else {"labels": labels}
    scores: Tensor = discriminator(images, **named)
    return scores if scores.ndim == 2 else scores.reshape(len(images), -1)


def normalising(where: Normalised, network: Literal["generator", "discriminator"], layer: nn.Module) -> list[nn.Module]:
    """That BatchNorm layer where this network has some, as a list to be put among its layers; else an empty one."""
    return [layer] if where in (network, "both") else []


class Model(Settings, ABC):
    """A family of two networks, sized by the data.

    A subclass returns the networks from `generator` and `discriminator`, which are called with those of `shape`, `classes` and
    `scores` that they name, and declares the rest by class attributes:

        class Small(Model):
            value_range = (0.0, 1.0)

            def generator(self, shape): ...
            def discriminator(self, shape): ...
    """

    name: ClassVar[str]
    value_range: ClassVar[tuple[float, float] | None] = (-1.0, 1.0)
    """Lowest and highest value the generator can have; None where unbounded (points in the plane)."""
    conditional: ClassVar[bool] = False
    """Whether the networks take labels: those whose `forward` has a second argument `labels` (N, int64) get it."""
    bf16_weights: ClassVar[bool] = False
    """Whether the networks compute correctly when all their weights but BatchNorm's are bfloat16, which is faster than autocast."""

    latent: Annotated[int, Ge(1), Le(8192)] = 100
    """Dimensions of the noise z ~ N(0, I) that the generator starts from; 1 to 8,192, because weights must fit in memory."""

    @abstractmethod
    def generator(self, shape: Shape) -> nn.Module:
        """A fresh generator, initialised from torch's global random state: N x latent to N x C x H x W in `value_range`.

        Args:
            shape: height, width and channels of the images. And `classes`: the number of classes of the data, 0 for
                none.
        """

    @abstractmethod
    def discriminator(self, shape: Shape) -> nn.Module:
        """A fresh discriminator, likewise: N x C x H x W to N x scores raw scores, without a Sigmoid.

        Besides `shape` and `classes` it may name `scores`: how many numbers an image the objective asks for, by default 1.
        """

    def unsupported(self, shape: Shape) -> str | None:
        """Why this family cannot make images of that shape; None where it can."""
        return None

    @property
    def has_batchnorm(self) -> bool:
        """Whether one of the two networks has BatchNorm, which cannot train on a batch of one image: its variance is zero."""
        return False
