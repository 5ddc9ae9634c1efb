"""Which of D's images are G's: told from the values, because a detached, reshaped or noisy copy is another tensor."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from ganatomy.watching.seen import Kind, Made

ROWS = 64
"""Images of a batch that are looked at."""

SURE = 0.5
"""Correlation, pixel by pixel over a batch, of images with G's, above which they are G's. That of other images is near 0."""

LEAST = 64
"""Numbers in an image below which any two sets correlate by chance: points in the plane are G's if they are so to the bit."""

LIKELY = 0.1
"""The same for images with strong noise, which have G's at full size in them."""


def flat(images: Tensor) -> Tensor:
    """Images x numbers, float, on the CPU, apart from the graph."""
    return images.detach().reshape(len(images), -1).float().cpu()


def kind_of(images: Tensor, made: Iterable[Made]) -> tuple[Kind, slice, Made | None]:
    """Whether images (N x numbers) are G's, all or a part of them, which rows are, and the call that made them.

    `made`: the last calls of G.
    """
    for call in made:
        rows, size = call.rows, call.size
        if len(images) < size or images.shape[1] < rows.shape[1]:
            continue
        for start in dict.fromkeys((0, len(images) - size)):
            # What is joined to the images, such as a one-hot class, follows them.
            if _near(images[start : start + len(rows), : rows.shape[1]], rows):
                return ("fake" if len(images) == size else "mixed"), slice(start, start + size), call
    return "other", slice(0, 0), None


def _near(seen: Tensor, rows: Tensor) -> bool:
    if seen.equal(rows):
        return True
    if rows.shape[1] < LEAST:
        return False
    mine, its = seen - seen.mean(0), rows - rows.mean(0)
    own, cross, other = its.square().sum().item(), (mine * its).sum().item(), mine.square().sum().item()
    if own == 0 or other == 0:
        return False
    # What is G's image plus something that does not know it has slope 1 over that image, however strong the noise.
    slope, correlation = cross / own, cross / (own * other) ** 0.5
    return correlation > SURE or (correlation > LIKELY and abs(slope - 1) < 0.3 and len(rows) >= 8)
