"""Between pixels (uint8) and the numbers that networks see."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

Range = tuple[float, float] | None
"""Lowest and highest value of an image; None for points, which are passed through."""


def to_range(images: Tensor, value_range: Range) -> Tensor:
    """N x H x W x C uint8 (or float32 points) to N x C x H x W float32 in a range: 0 is its low end, 255 its high one.

    The result is laid out plane by plane, as a student's loader returns it. A mere view of the pixels' layout would make
    convolutions take other kernels, and their last bits differ.
    """
    count, height, width, channels = images.shape
    moved = torch.empty((count, channels, height, width), device=images.device).copy_(images.permute(0, 3, 1, 2))
    if value_range is None:
        return moved
    low, high = value_range
    return moved.div_(255).mul_(high - low).add_(low)


def to_pixels(images: Tensor, value_range: Range) -> np.ndarray:
    """N x C x H x W in a known range to N x H x W x C uint8; values outside are cut off, nothing is normalised.

    With no range (points) the array is float32, unchanged but for its layout.
    """
    moved = images.detach().float().cpu().permute(0, 2, 3, 1)
    if value_range is None:
        return moved.contiguous().numpy()
    low, high = value_range
    return moved.sub(low).div(high - low).clamp(0, 1).mul(255).round().to(torch.uint8).contiguous().numpy()
