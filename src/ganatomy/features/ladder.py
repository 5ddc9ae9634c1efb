"""Sets of images whose order of quality is known beforehand: the test that features and metrics have to pass.

Each rung corrupts held-out real images in one way by one amount. What barely shows must cost little, each further step must
cost more, and what is no image of the source at all must be seen as that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Generator, Tensor

from ganatomy.features import corruptions as corrupt

Make = Callable[[Tensor, Tensor | None, Generator], Tensor]
"""(images N x C x H x W in [0, 1], their labels, generator) -> as many images."""


@dataclass(frozen=True)
class Rung:
    """One set of the ladder."""

    family: str
    step: str
    """What was done, with its amount."""
    make: Make

    @property
    def name(self) -> str:
        return f"{self.family}: {self.step}" if self.step else self.family


BARELY = "barely visible"
GARBAGE = "garbage"
DIVERSITY = "diversity"

_AMOUNTS: dict[str, tuple[str, tuple[float, ...], Callable[[Tensor, float, Generator], Tensor]]] = {
    "noise": ("sigma {:g}", (0.05, 0.1, 0.2, 0.4, 0.8), corrupt.noise),
    "blur": ("{:g} px", (0.75, 1.0, 2.0, 4.0), lambda x, amount, rng: corrupt.blur(x, amount)),
    "occlusion": ("{:.0%} of a side", (0.15, 0.3, 0.45, 0.6), corrupt.occlude),
    "ghosting": ("{:.0%} of another", (0.1, 0.2, 0.35, 0.5), corrupt.ghost),
    "strokes thinned": ("{:g} px", (1.0, 2.0, 3.0), lambda x, amount, rng: corrupt.thicken(x, -amount)),
    "strokes thickened": ("{:g} px", (1.0, 2.0, 3.0, 4.0), lambda x, amount, rng: corrupt.thicken(x, amount)),
    "rotation": ("{:g} degrees", (7.5, 15.0, 30.0, 45.0, 90.0), lambda x, amount, rng: corrupt.rotate(x, amount)),
    "checkerboard": (
        "+- {:g}",
        (0.05, 0.1, 0.2, 0.4),
        lambda x, amount, rng: corrupt.checkerboard(x, amount),
    ),
}
"""Families by rising amount."""


def _black(images: Tensor, labels: Tensor | None, rng: Generator) -> Tensor:
    return torch.zeros_like(images)


def _some_classes(count: Callable[[int], int]) -> Make:
    def make(images: Tensor, labels: Tensor | None, rng: Generator) -> Tensor:
        assert labels is not None
        classes = labels.unique()
        kept = images[torch.isin(labels, classes[: count(len(classes))])]
        return kept[torch.randint(len(kept), (len(images),), generator=rng)] if len(kept) < len(images) else kept

    return make


def _first_repeated(count: int) -> Make:
    return lambda images, labels, rng: images[torch.arange(len(images)) % count]


def _blobs(images: Tensor, labels: Tensor | None, rng: Generator) -> Tensor:
    """Black and white by the sign of smooth noise; the smoothing's sigma is a seventh of the height."""
    count, channels, height, width = images.shape
    smooth = corrupt.blur(torch.randn(count, 1, height, width, generator=rng), height / 7)
    return (smooth > 0).float().repeat(1, channels, 1, 1)


def _stripes(images: Tensor, labels: Tensor | None, rng: Generator) -> Tensor:
    """Waves of any direction, from a tenth to four tenths of the height long."""
    count, channels, height, width = images.shape
    angle, length, phase = torch.rand(3, count, 1, 1, 1, generator=rng)
    turn = 2 * torch.pi
    along = torch.arange(height)[:, None] * torch.sin(turn * angle) + torch.arange(width) * torch.cos(turn * angle)
    waves = torch.sin(turn * (along / (height * (0.1 + 0.3 * length)) + phase))
    return (0.5 + 0.5 * waves).repeat(1, channels, 1, 1)


UNLIKE_DIGITS = "AEFHKMNRWX"


def _letters(images: Tensor, labels: Tensor | None, rng: Generator) -> Tensor:
    """One white letter on black, from six to nine tenths of the height; of those that are no digit's double."""
    count, channels, height, width = images.shape
    finer = 4
    letter = torch.randint(len(UNLIKE_DIGITS), (count,), generator=rng).tolist()
    size = (height * finer * (0.6 + 0.3 * torch.rand(count, generator=rng))).tolist()
    drawn = torch.empty(count, 1, height, width)
    for index in range(count):
        sheet = Image.new("L", (width * finer, height * finer))
        font = ImageFont.load_default(size[index])
        middle = (width * finer / 2, height * finer / 2)
        ImageDraw.Draw(sheet).text(middle, UNLIKE_DIGITS[letter[index]], fill=255, font=font, anchor="mm")
        drawn[index] = torch.from_numpy(np.array(sheet.reduce(finer))) / 255
    return drawn.repeat(1, channels, 1, 1)


def rungs(untrained: Make, has_classes: bool) -> Iterator[Rung]:
    """All sets, the reals first. `untrained` returns the images of a generator that was never trained."""
    yield Rung("real", "", lambda x, labels, rng: x)
    yield Rung(BARELY, "noise of sigma 5/255", lambda x, labels, rng: corrupt.noise(x, 5 / 255, rng))
    yield Rung(BARELY, "blur of 0.5 px", lambda x, labels, rng: corrupt.blur(x, 0.5))
    yield Rung(BARELY, "shift of 1 px", lambda x, labels, rng: corrupt.shift(x, 1, 0))
    yield Rung(BARELY, "JPEG of quality 80", lambda x, labels, rng: corrupt.jpeg(x, 80))
    for family, (words, amounts, apply) in _AMOUNTS.items():
        for amount in amounts:
            yield Rung(
                family,
                words.format(amount),
                lambda x, labels, rng, apply=apply, amount=amount: apply(x, amount, rng),  # type: ignore[misc]
            )
    if has_classes:
        yield Rung(DIVERSITY, "half of the classes", _some_classes(lambda count: count // 2))
        yield Rung(DIVERSITY, "one class", _some_classes(lambda count: 1))
    yield Rung(DIVERSITY, "100 images repeated", _first_repeated(100))
    yield Rung(DIVERSITY, "one image repeated", _first_repeated(1))
    yield Rung(GARBAGE, "inverted", lambda x, labels, rng: corrupt.invert(x))
    yield Rung(GARBAGE, "mean image", lambda x, labels, rng: x.mean(dim=0, keepdim=True).expand_as(x).clone())
    yield Rung(GARBAGE, "black", _black)
    yield Rung(GARBAGE, "uniform noise", lambda x, labels, rng: torch.rand(x.shape, generator=rng))
    yield Rung(GARBAGE, "shuffled pixels", lambda x, labels, rng: corrupt.shuffle(x, 1.0, rng))
    yield Rung(GARBAGE, "untrained generator", untrained)
    yield Rung(GARBAGE, "smooth blobs", _blobs)
    yield Rung(GARBAGE, "stripes", _stripes)
    yield Rung(GARBAGE, "letters", _letters)
