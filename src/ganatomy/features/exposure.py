"""Corrupted images with how badly each is corrupted: what the severity head of the learnt features is trained on.

A class "garbage" would make a cliff, on which noise that nobody sees and uniform noise are the same. So each family of
corruption has an amount, and each amount a severity in [0, 1] that rises slowly where people see little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ganatomy.features import corruptions as corrupt
from ganatomy.features.foreign import foreign

Spoiler = Callable[[Tensor, Tensor, Generator], Tensor]


@dataclass(frozen=True)
class Family:
    """One way to corrupt images."""

    name: str
    apply: Spoiler
    """(images, amount of each, generator) -> images."""
    most: float
    """The largest amount; drawn amounts reach from nothing to it, the smaller ones more often."""
    scale: float
    """The amount whose severity is 0.63."""
    power: float = 1.0
    """Above 1 where small amounts are hard to see, or are common in real images."""
    snap: tuple[float, ...] = ()
    """Amounts that a quarter of the images get, by turns."""
    skew: float = 2.0
    """The power of a uniform number that amounts are drawn by: at 2, half of them lie in the first quarter."""

    def severity(self, amount: Tensor) -> Tensor:
        """1 - exp(-(amount / scale)^power)."""
        return 1 - torch.exp(-((amount / self.scale) ** self.power))

    def draw(self, count: int, rng: Generator) -> Tensor:
        """Amounts, each from 0 to `most`."""
        amounts = self.most * torch.rand(count, generator=rng) ** self.skew
        for index, amount in enumerate(self.snap * (-(-count // (4 * max(1, len(self.snap)))))):
            amounts[index % count] = amount
        return amounts


def _signed(amount: Tensor, rng: Generator) -> Tensor:
    return amount * (2.0 * (torch.rand(len(amount), generator=rng) < 0.5) - 1)


def _board(images: Tensor, amount: Tensor, rng: Generator) -> Tensor:
    period = 2 if torch.rand((), generator=rng) < 0.5 else 4
    return corrupt.checkerboard(images, amount, period)


def _occlude(images: Tensor, amount: Tensor, rng: Generator) -> Tensor:
    value = 0.0 if torch.rand((), generator=rng) < 0.5 else torch.rand((), generator=rng).item()
    return corrupt.occlude(images, amount, rng, value)


def _fade(images: Tensor, amount: Tensor, rng: Generator) -> Tensor:
    grey = torch.rand(len(images), generator=rng) * (torch.rand(len(images), generator=rng) < 0.7)
    return corrupt.fade(images, amount, grey)


FAMILIES = (
    Family("noise", corrupt.noise, most=1.0, scale=0.35),
    Family("blur", lambda images, amount, rng: corrupt.blur(images, amount), most=6.0, scale=2.2, power=2.0),
    Family("occlusion", _occlude, most=0.8, scale=0.35),
    Family("ghost", corrupt.ghost, most=0.5, scale=0.3),
    Family("splice", corrupt.splice, most=0.5, scale=0.3),
    Family(
        "stroke",
        # Whole pixels: a blend of two widths would be a blur. Amounts below half a pixel change nothing, at severities up to 0.09.
        lambda images, amount, rng: corrupt.thicken(images, _signed(amount.round(), rng)),
        most=6.0,
        scale=2.5,
        power=1.5,
        skew=1.0,
    ),
    Family(
        "rotation",
        lambda images, amount, rng: corrupt.rotate(images, _signed(amount, rng)),
        most=180.0,
        scale=40.0,
        power=2.0,
        # Right angles move whole pixels. Without them the traces of interpolation would stand for the rotation.
        snap=(90.0, 180.0),
        skew=1.0,
    ),
    Family("warp", corrupt.warp, most=8.0, scale=2.5, power=1.5),
    Family("fade", _fade, most=1.0, scale=0.4),
    Family("negative", lambda images, amount, rng: corrupt.invert(images, amount), most=1.0, scale=0.3),
    Family("checkerboard", _board, most=1.0, scale=0.3),
    Family("shuffle", corrupt.shuffle, most=1.0, scale=0.2),
)


OUTPUTS = (*(family.name for family in FAMILIES), "foreign")
"""What the severity head predicts, in its order."""

FOREIGN_TURNS = 4
"""Of each round through the families, in which each takes one image, so many more images are foreign."""


def expose(images: Tensor, rng: Generator) -> tuple[Tensor, Tensor]:
    """Corrupt a batch, each image in one family or, one in four, in two; FOREIGN_TURNS in a round become foreign.

    Returns:
        The images N x C x H x W, and N x len(OUTPUTS) severities: those of the families used, 0 elsewhere.
    """
    count = len(images)
    result = images.clone()
    severities = torch.zeros(count, len(OUTPUTS))
    first = torch.arange(count) % (len(FAMILIES) + FOREIGN_TURNS)
    second = torch.randint(len(FAMILIES) * 4, (count,), generator=rng)
    for chosen in (first, second):
        for number, family in enumerate(FAMILIES):
            where = (chosen == number).nonzero()[:, 0]
            if len(where) > 1:
                amount = family.draw(len(where), rng)
                result[where] = family.apply(result[where], amount, rng)
                severities[where, number] = torch.maximum(severities[where, number], family.severity(amount))
    where = (first >= len(FAMILIES)).nonzero()[:, 0]
    if len(where):
        result[where] = foreign(len(where), images, rng)
        severities[where] = 0
        severities[where, -1] = 1
    return result, severities
