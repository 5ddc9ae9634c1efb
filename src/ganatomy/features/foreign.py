"""Images that resemble none of a source: noise, means, mosaics, figures, textures; what the severity "foreign" is learned from.

A network knows as foreign what resembles something foreign that it was shown. So the kinds are wide and each has random sizes,
shapes, shades and edges; other data sets test whether that is enough. Letters no longer do: `signs` was chosen by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Generator, Tensor

Make = Callable[[Tensor, Generator], Tensor]
"""(images of the source N x C x H x W, generator) -> one image C x H x W in [0, 1]."""

FINER = 4
"""Figures are drawn so many times as large and then averaged, for smooth edges."""


def foreign(count: int, images: Tensor, rng: Generator) -> Tensor:
    """`count` images, each of a kind drawn at random.

    Args:
        images: of the source, N x C x H x W in [0, 1]: some kinds are made of pieces of them.
    """
    kinds = torch.randint(len(KINDS), (count,), generator=rng).tolist()
    made = torch.empty(count, *images.shape[1:])
    for index, kind in enumerate(kinds):
        made[index] = KINDS[kind](images, rng)
    return made


def grain(images: Tensor, rng: Generator) -> Tensor:
    """Noise of a random grain, contrast and mean."""
    contrast, mean = 3 * _uniform(rng) ** 2, _uniform(rng)
    return (_field(images, rng) * contrast + mean).clamp(0, 1)


def blobs(images: Tensor, rng: Generator) -> Tensor:
    """Where smooth noise lies above a level one thing, elsewhere another; the edge as hard as a real one or softer."""
    field = _field(images[:, :1], rng)
    steep = 2 ** (1 + 5 * _uniform(rng))
    mask = torch.sigmoid((field - _uniform(rng, -1, 1.5)) * steep)
    ground = _shade(images.shape[1], rng, dark=True) if _uniform(rng) < 0.8 else _filling(images, rng)
    return torch.lerp(ground.expand(images.shape[1:]), _filling(images, rng), mask)


def figures(images: Tensor, rng: Generator) -> Tensor:
    """One to four ellipses, rectangles, polygons or curves, one over the other, on one ground."""
    channels, height, width = images.shape[1:]
    made = _shade(channels, rng, dark=True).expand(channels, height, width)
    for _ in range(1 + int(4 * _uniform(rng) ** 2)):
        mask = _figure(height, width, rng)
        made = torch.lerp(made, _filling(images, rng), mask)
    return made


def signs(images: Tensor, rng: Generator) -> Tensor:
    """Writing of no alphabet: strokes of one pen between places of a small grid, each from a place already reached."""
    channels, height, width = images.shape[1:]
    grid = (int(torch.randint(2, 4, (), generator=rng)), int(torch.randint(2, 5, (), generator=rng)))
    places = torch.cartesian_prod(*(torch.linspace(0, 1, count) for count in grid))
    # Printed letters go from neighbour to neighbour; a hand goes anywhere, and bends.
    printed = _uniform(rng) < 0.5
    box = torch.tensor([_uniform(rng, 0.2, 0.8), _uniform(rng, 0.3, 0.9)])
    turned = _turn(_uniform(rng, -0.3, 0.3) * (_uniform(rng) < 0.5))
    reached, strokes = {int(torch.randint(len(places), (), generator=rng))}, []
    for _ in range(2 + int((6 if printed else 4) * _uniform(rng))):
        start = _one(sorted(reached), rng)
        end = _next(places, start, grid, printed, rng)
        reached.add(end)
        bend = torch.randn(2, generator=rng) * 0.4 * (_uniform(rng) < (0.1 if printed else 0.5))
        line = _bezier(torch.stack([places[start], (places[start] + places[end]) / 2 + bend, places[end]]))
        strokes.append(((line - 0.5) * box) @ turned + 0.5)
    mask = _drawn(strokes, height, width, _uniform(rng, 0.04, 0.16), round_ends=_uniform(rng) < 0.5)
    ground, ink = _shade(channels, rng, dark=True), _shade(channels, rng, dark=False)
    return torch.lerp(ground.expand(channels, height, width), ink.expand(channels, height, width), mask)


def _next(places: Tensor, start: int, grid: tuple[int, int], printed: bool, rng: Generator) -> int:
    """Where a stroke ends: any other place by hand; printed, a neighbour along the grid, or (one in five) across it too."""
    steps = (places - places[start]).abs() * (torch.tensor(grid) - 1)
    if not printed:
        allowed = steps.amax(dim=1) > 0
    elif _uniform(rng) < 0.8:
        allowed = (steps.sum(dim=1) - 1).abs() < 0.01
    else:
        allowed = (steps.amax(dim=1) - 1).abs() < 0.01
    return _one(allowed.nonzero()[:, 0].tolist(), rng)


def static(images: Tensor, rng: Generator) -> Tensor:
    """Each pixel at random."""
    return torch.rand(images.shape[1:], generator=rng)


def plain(images: Tensor, rng: Generator) -> Tensor:
    """One grey; half of them black."""
    return torch.full(images.shape[1:], _uniform(rng) * (_uniform(rng) < 0.5))


def mean(images: Tensor, rng: Generator) -> Tensor:
    """The mean of three images or more."""
    some = max(3, int(len(images) * _uniform(rng)))
    return images[torch.randperm(len(images), generator=rng)[:some]].mean(dim=0)


def mosaic(images: Tensor, rng: Generator) -> Tensor:
    """Squares cut out of real images, put together in any order: right strokes, no object."""
    channels, height, width = images.shape[1:]
    side = int(torch.randint(3, max(4, height // 2), (), generator=rng))
    made = torch.empty(channels, height, width)
    for top in range(0, height, side):
        for left in range(0, width, side):
            rows, columns = min(side, height - top), min(side, width - left)
            made[:, top : top + rows, left : left + columns] = _cut(images, rows, columns, rng)
    return made


KINDS: tuple[Make, ...] = (grain, blobs, blobs, figures, figures, signs, signs, signs, static, plain, mean, mosaic)


def _uniform(rng: Generator, low: float = 0.0, high: float = 1.0) -> float:
    return low + (high - low) * torch.rand((), generator=rng).item()


def _one(choices: list[int], rng: Generator) -> int:
    return choices[int(torch.randint(len(choices), (), generator=rng))]


def _field(images: Tensor, rng: Generator) -> Tensor:
    """C x H x W normal noise, smooth over a random length, which is the same along both axes in half of the images."""
    channels, height, width = images.shape[1:]
    down, across = _uniform(rng), _uniform(rng)
    if _uniform(rng) < 0.5:
        across = down
    cells = [max(2, round(size * length**2)) for size, length in ((height, down), (width, across))]
    coarse = torch.randn(1, channels, *cells, generator=rng)
    return F.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=False)[0]


def _shade(channels: int, rng: Generator, dark: bool) -> Tensor:
    """C x 1 x 1: two in three times black (or white), as most drawings are; else any."""
    if _uniform(rng) < 2 / 3:
        return torch.full((channels, 1, 1), 0.0 if dark else 1.0)
    shade = torch.rand(channels, 1, 1, generator=rng)
    return shade if _uniform(rng) < 0.5 else shade.mean().expand(channels, 1, 1)


def _filling(images: Tensor, rng: Generator) -> Tensor:
    """What a shape is filled with: one shade, or a real image's texture, a part of it enlarged."""
    channels, height, width = images.shape[1:]
    if _uniform(rng) < 0.6:
        return _shade(channels, rng, dark=False).expand(channels, height, width)
    rows, columns = (max(2, size // 4) for size in (height, width))
    part = _cut(images, rows, columns, rng)
    return F.interpolate(part[None], size=(height, width), mode="bilinear", align_corners=False)[0]


def _cut(images: Tensor, rows: int, columns: int, rng: Generator) -> Tensor:
    """C x rows x columns out of a random place of a random image."""
    height, width = images.shape[-2:]
    index = int(torch.randint(len(images), (), generator=rng))
    y = int(torch.randint(height - rows + 1, (), generator=rng))
    x = int(torch.randint(width - columns + 1, (), generator=rng))
    return images[index, :, y : y + rows, x : x + columns]


def _figure(height: int, width: int, rng: Generator) -> Tensor:
    """1 x H x W: 1 inside an ellipse, a rectangle or a polygon, on its outline, or on a curve's stroke; 0 elsewhere."""
    size = torch.tensor([width, height]) * FINER
    sheet = Image.new("L", (width * FINER, height * FINER))
    draw = ImageDraw.Draw(sheet)
    line = max(1, round(float(size.min()) * _uniform(rng, 0.03, 0.3)))
    inside = 255 if _uniform(rng) < 0.6 else None
    kind = int(4 * _uniform(rng))
    if kind < 2:
        corner = torch.rand(2, generator=rng) * 0.7
        other = corner + 0.15 + (1.05 - corner) * torch.rand(2, generator=rng)
        draw_it = draw.ellipse if kind == 0 else draw.rectangle
        draw_it([*(corner * size).tolist(), *(other * size).tolist()], fill=inside, outline=255, width=line)
    elif kind == 2:
        corners = torch.rand(int(torch.randint(3, 8, (), generator=rng)), 2, generator=rng)
        if _uniform(rng) < 0.7:
            corners = _by_angle(corners)
        draw.polygon([tuple(point) for point in (corners * size).tolist()], fill=inside, outline=255, width=line)
    else:
        controls = torch.rand(int(torch.randint(3, 7, (), generator=rng)), 2, generator=rng)
        return _drawn([_bezier(controls)], height, width, _uniform(rng, 0.03, 0.3), round_ends=True)
    return _reduced(sheet)


def _drawn(lines: list[Tensor], height: int, width: int, pen: float, round_ends: bool) -> Tensor:
    """1 x H x W: 1 where a pen of `pen` times the shorter side went along the lines (M x 2 in the unit square each)."""
    sheet = Image.new("L", (width * FINER, height * FINER))
    draw = ImageDraw.Draw(sheet)
    thick = max(1, round(min(height, width) * FINER * pen))
    for line in lines:
        points = [tuple(point) for point in (line * torch.tensor([width, height]) * FINER).tolist()]
        draw.line(points, fill=255, width=thick, joint="curve")
        for x, y in (points[0], points[-1]) if round_ends else ():
            draw.ellipse([x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2], fill=255)
    return _reduced(sheet)


def _reduced(sheet: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(sheet.reduce(FINER)))[None].float() / 255


def _by_angle(points: Tensor) -> Tensor:
    """In the order in which they are seen from their centre: a polygon that does not cross itself."""
    seen = points - points.mean(dim=0)
    return points[torch.atan2(seen[:, 1], seen[:, 0]).argsort()]


def _bezier(controls: Tensor) -> Tensor:
    """24 x 2 points along the curve of the control points K x 2."""
    degree = len(controls) - 1
    time = torch.linspace(0, 1, 24)[:, None]
    terms = [math.comb(degree, k) * time**k * (1 - time) ** (degree - k) * controls[k] for k in range(degree + 1)]
    return torch.stack(terms).sum(dim=0)


def _turn(angle: float) -> Tensor:
    return torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
