"""Layouts of images in an array, and the one that is meant: as stated, or by the shape of the data they go with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ganatomy.arrays.errors import colour, grey, times, too_few, wrong
from ganatomy.arrays.values import as_uint8, check_type
from ganatomy.errors import UsageError

Shape = tuple[int, int, int]
"""Height, width, channels."""


Layout = Literal["NHWC", "NCHW"]
"""Where the channels are, as somebody may state it."""

STATED: dict[Layout, str] = {"NHWC": "N x H x W x C", "NCHW": "N x C x H x W"}

HOW_TO_STATE = (
    "state it: layout='NCHW' for channels first (torch), layout='NHWC' for channels last; or put the channels last: "
    "images.transpose(0, 2, 3, 1)"
)


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


def own_shape(path: Path | str, found: tuple[int, ...], stated: Layout | None = None) -> Shape:
    """Height, width and channels of images that go with no other data, from the shape of their array.

    Raises:
        UsageError: no layout of images, or more than one is possible and none is stated.
    """
    if len(found) == 3:
        return found[1], found[2], 1
    if len(found) == 4:
        last, first = found[3] in (1, 3), found[1] in (1, 3)
        if last and (stated == "NHWC" or not (first or stated)):
            return found[1], found[2], found[3]
        if first and (stated == "NCHW" or not (last or stated)):
            return found[2], found[3], found[1]
        if first and last:
            raise _ambiguous(path, found)
    raise wrong(
        path,
        f"an array of {times(found)}" + (f", stated as {STATED[stated]}" if stated else ""),
        "N x H x W x C or N x C x H x W with C 1 or 3, or N x H x W",
        "reshape it to one of these",
    )


def as_images(
    path: Path | str,
    array: np.ndarray,
    shape: Shape,
    notes: list[str],
    stated: Layout | None = None,
    least: int = 2,
) -> np.ndarray:
    """N x H x W x C uint8, checked and converted.

    Args:
        path: the file, or what messages call the array.
        array: of any layout in which one image has that shape.
        shape: height, width and channels of one image.
        notes: gets a sentence for each conversion.
        stated: the layout of a 4-D array; unset, the one that fits.
        least: how many images there must be.

    Raises:
        UsageError: no such layout, more than one, or values that are no pixels.
    """
    check_type(path, array.dtype)
    height, width, channels = shape
    layout = _layout(path, array.shape, shape, stated, least)
    if len(array) < least:
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


def _layout(path: Path | str, found: tuple[int, ...], shape: Shape, stated: Layout | None, least: int) -> _Layout:
    """The layout of an array of this shape, by the data's shape."""
    height, width, channels = shape
    if found and found[0] == 0 and least:
        raise too_few(path, 0)
    own, other = _layouts(*shape), _layouts(height, width, 3 if channels == 1 else 1)
    if stated and len(found) == 4:
        own, other = ([each for each in them if each.name == STATED[stated]] for them in (own, other))
    fitting = [layout for layout in own if layout.image == found[1:]]
    if not fitting:
        if any(layout.image == found for layout in own + other):
            raise too_few(path, 1)
        fitting = [layout for layout in other if layout.image == found[1:]]
    if not fitting:
        raise _misfit(path, found, shape)
    first = fitting[0]
    if first.channels > 1 and len(fitting) > 1:
        raise _ambiguous(path, found)
    if first.channels > 1 and len(first.image) == 1:
        raise wrong(
            path,
            f"an array of {times(found)}, which may run channel by channel or pixel by pixel",
            f"N x {times(shape)}",
            f"of flat images by torch: array.reshape(-1, {first.channels}, {height}, {width}).transpose(0, 2, 3, 1)",
        )
    return first


def _ambiguous(path: Path | str, found: tuple[int, ...]) -> UsageError:
    return wrong(
        path,
        f"an array of {times(found)}, whose channels may be the second axis or the last",
        "an array whose layout is clear, or stated",
        HOW_TO_STATE,
    )


def _misfit(path: Path | str, found: tuple[int, ...], shape: Shape) -> UsageError:
    """The error for an array that has none of the layouts."""
    height, width, channels = shape
    # Flat colour images are an error, so they are not named.
    known = [layout for layout in _layouts(*shape) if channels == 1 or len(layout.image) > 1]
    expected = f"images of {times(shape)} ({', '.join(f'N x {times(layout.image)}' for layout in known)})"
    for axis in (1, 3) if len(found) == 4 else ():
        if found[1:axis] + found[axis + 1 :] == (height, width):
            advice = f"keep the {'colour channels' if channels > 1 else 'grey channel'} only"
            advice += "; lay transparent images on white" if found[axis] == 4 else ""
            return wrong(path, f"{found[axis]} channels in an array of {times(found)}", expected, advice)
    advice = "resize or reshape the images yourself: it is not done here, since how it is done changes the scores"
    return wrong(path, f"an array of {times(found)}", expected, advice)
