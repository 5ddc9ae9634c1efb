"""What the small trainers of this folder are given, as a lab gives a data set: handwritten digits that look like MNIST."""

from __future__ import annotations

from collections.abc import Callable

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.utils.data import Dataset


class Digits(Dataset[tuple[Tensor, int]]):
    """1,797 handwritten digits: image 1 x 28 x 28 in [0, 1], as torchvision's ToTensor() makes it, and its class.

    `transform` is called with the image.
    """

    def __init__(self, transform: Callable[[Tensor], Tensor] | None = None) -> None:
        images, classes = load_digits(return_X_y=True)
        small = torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16
        large = torch.nn.functional.interpolate(small, size=(28, 28), mode="bilinear", align_corners=False)
        self.images = large.clamp(0, 1)
        self.classes = classes.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = self.images[index]
        return (image if self.transform is None else self.transform(image)), self.classes[index]


def normalize(image: Tensor) -> Tensor:
    """torchvision's Normalize((0.5,), (0.5,)): [0, 1] to [-1, 1]."""
    return (image - 0.5) / 0.5
