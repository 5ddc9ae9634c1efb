"""Ways to corrupt images by a stated amount, each image by its own: for the exposure that features train on, and the ladder.

Every function takes images N x C x H x W, float32 in [0, 1], and an amount per image (N) or for all; it returns images of the
same shape in [0, 1]. What is random comes from the torch generator that is passed.
"""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor


def noise(images: Tensor, sigma: Tensor | float, rng: Generator) -> Tensor:
    """Gaussian noise of standard deviation `sigma` on each pixel, cut off at black and white."""
    return (images + _each(sigma, images) * torch.randn(images.shape, generator=rng)).clamp(0, 1)


def blur(images: Tensor, sigma: Tensor | float) -> Tensor:
    """Gaussian blur of `sigma` pixels; at the border the weights of what lies inside make up the whole."""
    rows, columns = (_smoothing(size, _each(sigma, images)[:, 0, 0, 0]) for size in images.shape[-2:])
    return rows[:, None] @ images @ columns[:, None].transpose(-1, -2)


def _smoothing(size: int, sigma: Tensor) -> Tensor:
    """N x size x size: each row the weights of one blurred pixel."""
    distance = torch.arange(size)[:, None] - torch.arange(size)
    weights = torch.exp(-0.5 * (distance / sigma.clamp(min=1e-3)[:, None, None]) ** 2)
    return weights / weights.sum(dim=-1, keepdim=True)


def occlude(images: Tensor, share: Tensor | float, rng: Generator, value: float = 0.0) -> Tensor:
    """A square of one grey with sides of `share` of the image's, at a random place that lies wholly inside."""
    height, width = images.shape[-2:]
    share = _each(share, images)[:, 0, 0, 0]
    place = torch.rand(2, len(images), generator=rng)
    inside = []
    for size, where in ((height, place[0]), (width, place[1])):
        side = share * size
        start = where * (size - side)
        centre = torch.arange(size) + 0.5
        inside.append((centre >= start[:, None]) & (centre < (start + side)[:, None]))
    mask = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(mask, torch.tensor(value), images)


def ghost(images: Tensor, weight: Tensor | float, rng: Generator) -> Tensor:
    """Another of the images laid over with `weight`: at 0.5 the mean of two."""
    weight = _each(weight, images)
    return (1 - weight) * images + weight * images[others(len(images), rng)]


def splice(images: Tensor, share: Tensor | float, rng: Generator) -> Tensor:
    """The lower part, or the right one, of `share` of the image is another's."""
    height, width = images.shape[-2:]
    share = _each(share, images)
    below = torch.arange(height)[:, None] >= (1 - share) * height
    right = torch.arange(width)[None, :] >= (1 - share) * width
    across = torch.rand(len(images), 1, 1, 1, generator=rng) < 0.5
    return torch.where(torch.where(across, below, right), images[others(len(images), rng)], images)


def thicken(images: Tensor, pixels: Tensor | float) -> Tensor:
    """What is bright grows in width and height by `pixels` in all; less than nothing: it shrinks. A part of a pixel is a blend."""
    pixels = _each(pixels, images)
    grown, shrunk = _grown(images, pixels.clamp(min=0)), 1 - _grown(1 - images, (-pixels).clamp(min=0))
    return torch.where(pixels >= 0, grown, shrunk)


def _grown(images: Tensor, pixels: Tensor) -> Tensor:
    result = images
    for step in range(int(np.ceil(pixels.max().item()))):
        # By one pixel to the right and below, then to the left and above, so that the middle stays.
        before, after = (1, 0) if step % 2 else (0, 1)
        padded = F.pad(result, (before, after, before, after), mode="replicate")
        columns = torch.maximum(padded[..., :-1], padded[..., 1:])
        larger = torch.maximum(columns[..., :-1, :], columns[..., 1:, :])
        result = torch.lerp(result, larger, (pixels - step).clamp(0, 1))
    return result


def rotate(images: Tensor, degrees: Tensor | float) -> Tensor:
    """Turned about the centre, counter-clockwise; corners that come from outside are black."""
    angle = torch.deg2rad(_each(degrees, images)[:, 0, 0, 0])
    return _sampled(images, _turn(angle, images.shape[-2:]))


def _turn(angle: Tensor, size: tuple[int, ...]) -> Tensor:
    """N x H x W x 2: where each pixel of a turned image comes from, in [-1, 1]."""
    height, width = size
    cosine, sine, zero = torch.cos(angle), torch.sin(angle), torch.zeros_like(angle)
    matrix = torch.stack(
        [
            torch.stack([cosine, -sine * height / width, zero], dim=-1),
            torch.stack([sine * width / height, cosine, zero], dim=-1),
        ],
        dim=-2,
    )
    return F.affine_grid(matrix, [len(angle), 1, height, width], align_corners=False)


def shift(images: Tensor, right: int, down: int) -> Tensor:
    """Moved by whole pixels; what comes in from outside is the border's own pixel."""
    height, width = images.shape[-2:]
    rows = (torch.arange(height) - down).clamp(0, height - 1)
    columns = (torch.arange(width) - right).clamp(0, width - 1)
    return images[..., rows[:, None], columns]


def warp(images: Tensor, pixels: Tensor | float, rng: Generator, cells: int = 4) -> Tensor:
    """Every point moved along a smooth random field; along each axis the moves have a root mean square of `pixels`."""
    count, _, height, width = images.shape
    coarse = torch.randn(count, 2, cells, cells, generator=rng)
    field = F.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=True)
    field = field / field.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    moved = field * _each(pixels, images) * 2 / torch.tensor([width, height])[:, None, None]
    return _sampled(images, _turn(torch.zeros(count), (height, width)) + moved.permute(0, 2, 3, 1))


def _sampled(images: Tensor, places: Tensor) -> Tensor:
    # Bicubic: a bilinear one blurs so much that blur would stand for all that is moved.
    return F.grid_sample(images, places, mode="bicubic", padding_mode="zeros", align_corners=False).clamp(0, 1)


def fade(images: Tensor, share: Tensor | float, grey: Tensor | float) -> Tensor:
    """Towards one grey: at share 1 nothing else is left."""
    return torch.lerp(images, _each(grey, images).expand_as(images), _each(share, images))


def invert(images: Tensor, share: Tensor | float = 1.0) -> Tensor:
    """Towards the negative; at 0.5 all is grey."""
    return torch.lerp(images, 1 - images, _each(share, images))


def checkerboard(images: Tensor, amplitude: Tensor | float, period: int = 2) -> Tensor:
    """The pattern that strided transposed convolutions leave: squares of half a period, lighter and darker by turns."""
    height, width = images.shape[-2:]
    half = period // 2
    parity = (torch.arange(height)[:, None] // half + torch.arange(width) // half) % 2
    return (images + _each(amplitude, images) * (2.0 * parity - 1)).clamp(0, 1)


def shuffle(images: Tensor, share: Tensor | float, rng: Generator) -> Tensor:
    """A share of the pixels change places among themselves, each image in its own way; colours stay together."""
    count, channels, height, width = images.shape
    area = height * width
    share = _each(share, images)[:, 0, 0, 0]
    chosen = torch.rand(count, area, generator=rng) < share[:, None]
    # Both sorts put the chosen positions first: the k-th of one order gets the pixel of the k-th of the other.
    key = torch.where(chosen, 0.0, 2.0)
    to = (key + torch.rand(count, area, generator=rng)).argsort(dim=1)
    still = key + torch.arange(area) / area
    start = still.argsort(dim=1)
    source = torch.empty(count, area, dtype=torch.int64)
    source.scatter_(1, start, torch.where(chosen.gather(1, start), to, start))
    return images.flatten(2).gather(2, source[:, None].expand(-1, channels, -1)).reshape(images.shape)


def jpeg(images: Tensor, quality: int) -> Tensor:
    """Through a JPEG file and back."""
    pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    back = np.empty_like(pixels)
    for index, image in enumerate(pixels):
        buffer = io.BytesIO()
        Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(buffer, format="JPEG", quality=quality)
        back[index] = np.asarray(Image.open(buffer)).reshape(image.shape)
    return torch.from_numpy(back).permute(0, 3, 1, 2).float() / 255


def others(count: int, rng: Generator) -> Tensor:
    """For each of `count` images the index of another: a random cyclic shift of a random order."""
    order = torch.randperm(count, generator=rng)
    partner = torch.empty(count, dtype=torch.int64)
    partner[order] = order.roll(1)
    return partner


def _each(amount: Tensor | float, images: Tensor) -> Tensor:
    """N x 1 x 1 x 1."""
    return torch.as_tensor(amount, dtype=torch.float32).expand(len(images)).reshape(-1, 1, 1, 1)
