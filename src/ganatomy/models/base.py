"""What every model family gives: a generator and a discriminator for images of a given shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le
from torch import Tensor, nn

from ganatomy.plugin.settings import Settings

Shape = tuple[int, int, int]
"""Height, width, channels."""

Activation = Literal["tanh", "sigmoid", "none"]

Normalised = Literal["none", "generator", "discriminator", "both"]
"""Which of the two networks have BatchNorm."""

_RANGES: dict[str, tuple[float, float] | None] = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "none": None}
_LAYERS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}


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


def normalising(where: Normalised, network: Literal["generator", "discriminator"], layer: nn.Module) -> list[nn.Module]:
    """That BatchNorm layer where this network has some, as a list to be put among its layers; else an empty one."""
    return [layer] if where in (network, "both") else []


@dataclass(frozen=True, kw_only=True)
class Model(Settings, ABC):
    """A family of networks, sized by the data."""

    name: ClassVar[str]

    latent: Annotated[int, Ge(1), Le(8192)] = 100
    """Dimensions of the noise z ~ N(0, I) that the generator starts from; 1 to 8,192, for weights must fit in memory."""
    output: Activation = "tanh"
    """Last activation of the generator, which sets its range: `tanh` [-1, 1], `sigmoid` [0, 1], `none` unbounded (2-D mixtures)."""

    @abstractmethod
    def generator(self, shape: Shape) -> Generator:
        """A fresh generator of images of that shape, initialised from torch's global random state."""

    @abstractmethod
    def discriminator(self, shape: Shape, scores: int = 1) -> Discriminator:
        """A fresh discriminator of images of that shape, giving `scores` numbers an image."""

    def refusal(self, shape: Shape) -> str | None:
        """Why this family cannot make images of that shape; None where it can."""
        return None

    @property
    def has_batchnorm(self) -> bool:
        """Whether one of the two networks has BatchNorm, which cannot train on a batch of one image: its variance is zero."""
        return False

    @property
    def value_range(self) -> tuple[float, float] | None:
        """Lowest and highest value the generator can give; None where unbounded."""
        return _RANGES[self.output]

    def output_layer(self) -> nn.Module:
        return _LAYERS[self.output]()
