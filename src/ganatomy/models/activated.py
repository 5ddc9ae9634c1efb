"""What the shipped families have in common: a generator that ends in an activation, and the class as an input of both networks."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import nn

from ganatomy.models.base import Discriminator, Generator, Model
from ganatomy.models.conditional import ConditionalGenerator, ProjectionDiscriminator

Activation = Literal["tanh", "sigmoid", "none"]

_RANGES: dict[str, tuple[float, float] | None] = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "none": None}
_LAYERS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}


class ActivatedModel(Model):
    """A family whose generator ends in an activation that is a setting, and sets its range."""

    bf16_weights: ClassVar[bool] = True

    output: Activation = "tanh"
    """Last activation of the generator, which sets its range: `tanh` [-1, 1], `sigmoid` [0, 1], `none` unbounded (2-D mixtures)."""
    conditional: bool = False  # type: ignore[misc]
    """Whether both networks are given the class: an embedding of it beside G's noise, a projection in D (Miyato & Koyama 2018, arXiv 1802.05637). The data needs labels."""

    @property
    def value_range(self) -> tuple[float, float] | None:  # type: ignore[override]
        return _RANGES[self.output]

    def output_layer(self) -> nn.Module:
        return _LAYERS[self.output]()

    @property
    def inputs(self) -> int:
        """Numbers an image that the generator's layers start from: the noise, and as many for the class where it is given."""
        return 2 * self.latent if self.conditional else self.latent

    def generator_of(self, layers: nn.Sequential, classes: int) -> Generator:
        if self.conditional:
            return ConditionalGenerator(layers, self.latent, self.value_range, classes)
        return Generator(layers, self.latent, self.value_range)

    def discriminator_of(self, layers: nn.Sequential, classes: int) -> Discriminator:
        """`layers` end in an `nn.Linear`."""
        return ProjectionDiscriminator(layers, classes) if self.conditional else Discriminator(layers)
