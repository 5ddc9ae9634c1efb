"""Layouts of images in an array, and the one that is meant: by the shape of the data they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganatomy.errors import UsageError
from ganatomy.images.faults import colour, grey, times, too_few, wrong
from ganatomy.images.values import as_uint8

Shape = tuple[int, int, int]
"""Height, width, channels."""


@dataclass(frozen=True)
class _Layout:
    name: str
    image: tuple[int, ...]
    """Shape of one image in the file."""
    channels: int


def _layouts(height: int, width: int, channels: int) -> list[_Layout]:
    known = [
        _Layout("N x H x W x C", (height, width, channels), channels),
        _Layout("N x C x H x W", (channels, height, width), channels),
        _Layout("N x (H W C)", (height * width * channels,), channels),
    ]
    return [*known, _Layout("N x H x W", (height, width), 1)] if channels == 1 else known


def as_images(path: Path, array: np.ndarray, shape: Shape, notes: list[str]) -> np.ndarray:
    """N x H x W x C uint8, checked and converted."""
    height, width, channels = shape
    layout = _layout(path, array.shape, shape)
    if len(array) < 2:
        raise too_few(path, len(array))
    if layout.channels == 1 and channels > 1:
        raise grey(path, "grey images (1 channel)", channels)
    if layout.name == "N x C x H x W":
        pixels = np.moveaxis(array, 1, 3)
    else:
        pixels = array.reshape(len(array), height, width, layout.channels)
    if layout.name != "N x H x W x C":
        notes.append(f"layout {times(array.shape)}: taken as {layout.name}")
    pixels = as_uint8(path, pixels, notes)
    if layout.channels > 1 and channels == 1:
        different = int((pixels != pixels[..., :1]).any(axis=(1, 2, 3)).sum())
        if different:
            raise colour(path, f"colour images ({layout.channels} channels, which differ in {different} images)")
        notes.append(f"{layout.channels} channels, equal in every image: taken as grey (1 channel)")
        pixels = pixels[..., :1]
    return np.ascontiguousarray(pixels)


def _layout(path: Path, found: tuple[int, ...], shape: Shape) -> _Layout:
    """The layout of an array of this shape, by the data's shape."""
    height, width, channels = shape
    if found and found[0] == 0:
        raise too_few(path, 0)
    own, other = _layouts(*shape), _layouts(height, width, 3 if channels == 1 else 1)
    fitting = [layout for layout in own if layout.image == found[1:]]
    if not fitting:
        if any(layout.image == found for layout in own + other):
            raise too_few(path, 1)
        fitting = [layout for layout in other if layout.image == found[1:]]
    if not fitting:
        raise _misfit(path, found, shape)
    first = fitting[0]
    if first.channels > 1 and (len(first.image) == 1 or len(fitting) > 1):
        raise wrong(
            path,
            f"an array of {times(found)}, which may run channel by channel or pixel by pixel",
            f"N x {times(shape)}",
            f"of flat images by torch: array.reshape(-1, {first.channels}, {height}, {width}).transpose(0, 2, 3, 1)",
        )
    return first


def _misfit(path: Path, found: tuple[int, ...], shape: Shape) -> UsageError:
    """The error for an array that has none of the layouts."""
    height, width, channels = shape
    # Flat colour images are refused, so they are not named.
    known = [layout for layout in _layouts(*shape) if channels == 1 or len(layout.image) > 1]
    expected = f"images of {times(shape)} ({', '.join(f'N x {times(layout.image)}' for layout in known)})"
    for axis in (1, 3) if len(found) == 4 else ():
        if found[1:axis] + found[axis + 1 :] == (height, width):
            advice = f"keep the {'colour channels' if channels > 1 else 'grey channel'} only"
            advice += "; lay transparent images on white" if found[axis] == 4 else ""
            return wrong(path, f"{found[axis]} channels in an array of {times(found)}", expected, advice)
    advice = "resize or reshape the images yourself: it is not done here, since how it is done changes the scores"
    return wrong(path, f"an array of {times(found)}", expected, advice)
