"""The lab's GAN: fully connected networks, for images of any shape and for points in the plane."""

from __future__ import annotations

from math import prod
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, Lt
from torch import nn

from ganatomy.models.activated import ActivatedModel
from ganatomy.models.base import Discriminator, Generator, Normalised, Shape, normalising


class Mlp(ActivatedModel):
    """Two hidden layers in each network: ReLU in G, LeakyReLU in D (Goodfellow et al. 2014, arXiv 1406.2661)."""

    name: ClassVar[str] = "mlp"

    hidden: Annotated[int, Ge(1), Le(8192)] = 256
    """Width of every hidden layer of both networks; 1 to 8,192, because weights must fit in memory."""
    discriminator_hidden: Annotated[int, Ge(1), Le(8192)] | None = None
    """Width of D's hidden layers, where it is to be another; unset: model.hidden."""
    slope: Annotated[float, Ge(0), Lt(1)] = 0.1
    """Negative slope of D's LeakyReLU, in [0, 1): 0 is a plain ReLU, 1 would be no activation at all."""
    batchnorm: Normalised = "none"
    """Which network has BatchNorm: in G it is after every layer but the last, in D after the second of its three; the lab's has none."""

    @property
    def has_batchnorm(self) -> bool:
        return self.batchnorm != "none"

    def generator(self, shape: Shape, classes: int = 0) -> Generator:
        height, width, channels = shape
        layers = nn.Sequential(
            nn.Linear(self.inputs, self.hidden),
            *normalising(self.batchnorm, "generator", nn.BatchNorm1d(self.hidden)),
            nn.ReLU(),
            nn.Linear(self.hidden, self.hidden),
            *normalising(self.batchnorm, "generator", nn.BatchNorm1d(self.hidden)),
            nn.ReLU(),
            nn.Linear(self.hidden, prod(shape)),
            self.output_layer(),
            nn.Unflatten(1, (channels, height, width)),
        )
        return self.generator_of(layers, classes)

    def discriminator(self, shape: Shape, classes: int = 0, scores: int = 1) -> Discriminator:
        hidden = self.hidden if self.discriminator_hidden is None else self.discriminator_hidden
        layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(prod(shape), hidden),
            nn.LeakyReLU(self.slope),
            nn.Linear(hidden, hidden),
            *normalising(self.batchnorm, "discriminator", nn.BatchNorm1d(hidden)),
            nn.LeakyReLU(self.slope),
            nn.Linear(hidden, scores),
        )
        return self.discriminator_of(layers, classes)
