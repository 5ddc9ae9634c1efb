"""torch's layers in the memory layout, and by the kernels, that are fastest for images on a CPU.

Their parameters, names and functions are torch's own; only the order of summation may differ.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, pad


def pixel_by_pixel(images: Tensor) -> Tensor:
    """N x C x H x W with the channels of a pixel side by side in memory (torch's channels-last)."""
    images = images.contiguous(memory_format=torch.channels_last)
    _, channels, height, width = images.shape
    if channels == 1:
        # Both layouts are the same bytes, torch keeps the strides that say plane by plane, and the kernels go by them.
        return images.as_strided(images.shape, (height * width, 1, width, 1))
    return images


class FeatureMap(nn.Unflatten):
    """N x (C H W) to N x C x H x W in channels-last."""

    def forward(self, features: Tensor) -> Tensor:
        return pixel_by_pixel(super().forward(features))


class ChannelMeans(nn.Module):
    """N x C x H x W to N x C, each channel's mean over the image: global average pooling."""

    def forward(self, features: Tensor) -> Tensor:
        return features.mean((2, 3))


class DoublingConv2d(nn.Conv2d):
    """Nearest-neighbour doubling of height and width, then a 3x3 convolution that keeps them.

    It is a transposed 4x4 convolution of stride 2 with tied weights: in both, a pixel is made of 2x2 pixels. There, the four
    pixels made of one share none of their sixteen weights for a pair of channels; here, they share nine.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size=3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(interpolate(features, scale_factor=2.0, mode="nearest"))


class ImageConv2d(nn.Conv2d):
    """The first convolution of a discriminator: N x C x H x W images to features in channels-last.

    Args:
        side: height and width of its kernel; its stride is 1.
        padding: rows and columns of zeros around the images.
    """

    def __init__(self, in_channels: int, out_channels: int, side: int, padding: int = 0) -> None:
        super().__init__(in_channels, out_channels, kernel_size=side, padding=padding)

    def forward(self, images: Tensor) -> Tensor:
        images = pixel_by_pixel(images)
        # oneDNN's gradient for a single channel takes more than twice as long. It is wanted in the generator's step,
        # where the weights are frozen.
        slow = images.requires_grad and not self.weight.requires_grad and images.device.type == "cpu"
        if slow and self.in_channels == 1 and self.padding == (0, 0):
            convolved: Tensor = _FrozenConvolution.apply(images, self.weight, self.bias)
            return convolved
        return super().forward(images)


class _FrozenConvolution(torch.autograd.Function):
    """A convolution of images of one channel, whose gradient for the images is one matrix product."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.width = images.shape[3]
        return conv2d(images, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        (gradient,) = gradients
        count, features, height, width = gradient.shape
        side = weight.shape[2]
        # Row r of the features reaches rows r to r + side - 1 of the image.
        rows = gradient.permute(0, 2, 3, 1).reshape(count * height, width * features) @ _bands(weight, ctx.width)
        reached = rows.view(count, height, side, ctx.width)
        padded = [pad(reached[:, :, row], (0, 0, row, side - 1 - row)) for row in range(side)]
        return torch.stack(padded).sum(0).unsqueeze(1), None, None


def _bands(weight: Tensor, width: int) -> Tensor:
    """The convolution along rows of that width as a (transposed) matrix: (columns x features) x (kernel's rows x width)."""
    features, _, side, _ = weight.shape
    columns = width - side + 1
    # A row of the kernel and as many zeros as make it one longer than the image's row: repeated, it moves on by one.
    repeated = pad(weight[:, 0], (0, columns)).repeat(1, 1, columns)[..., : columns * width]
    return repeated.view(features, side, columns, width).permute(2, 0, 1, 3).reshape(columns * features, side * width)


class ImageConvTranspose2d(nn.ConvTranspose2d):
    """The last layer of a generator: kernel 4, stride 2, padding 1, which doubles height and width.

    On a CPU it is one matrix product over pixels, and the overlapping patches added up by their parity: oneDNN takes
    three times as long for a single channel.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size=4, stride=2, padding=1)

    def forward(self, features: Tensor, output_size: list[int] | None = None) -> Tensor:
        if features.device.type != "cpu" or output_size is not None:
            return super().forward(features, output_size)
        count, _, height, width = features.shape
        pixels = features.permute(0, 2, 3, 1).reshape(-1, self.in_channels)
        patches = pixels @ self.weight.permute(0, 2, 3, 1).reshape(self.in_channels, -1)
        rows = _overlapped(patches.view(count, height, width, 4, 4 * self.out_channels), 1)
        images = _overlapped(rows.view(count, 2 * height, width, 4, self.out_channels), 2)
        if self.bias is not None:
            images = images + self.bias
        return images.permute(0, 3, 1, 2)


def _overlapped(patches: Tensor, axis: int) -> Tensor:
    """N x H x W x 4 x C to N x H x W x C with `axis` (1 or 2) doubled: patches of four pixels, laid at every second one."""
    count = patches.shape[axis]
    padded = pad(patches, (0, 0, 0, 0, 0, 0, 1, 1) if axis == 1 else (0, 0, 0, 0, 1, 1))

    def tap(place: int, shift: int) -> Tensor:
        return padded.narrow(axis, 1 + shift, count).select(3, place)

    doubled = torch.stack([tap(1, 0) + tap(3, -1), tap(2, 0) + tap(0, 1)], axis + 1)
    return doubled.flatten(axis, axis + 1)
