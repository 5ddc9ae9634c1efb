"""The networks behind the learnt features: `FeatureNet` for the graded ones, `Classifier` for the plain."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Design:
    """The numbers that fix the network's form."""

    channels: int
    """Of the images: 1 or 3."""
    classes: int
    families: int
    """Of corruption: what the severity head distinguishes."""
    widths: tuple[int, int] = (32, 96)
    embedding: int = 48
    repeats: int = 1
    """Convolutions after the last that halves the image."""


class FeatureNet(nn.Module):
    """N x C x H x W in [0, 1] -> class logits, an embedding of what is shown, and logits of the severities."""

    @staticmethod
    def describe(design: Design) -> str:
        """The architecture in words, for the extractor's card."""
        first, second = design.widths
        return (
            f"convolutions {design.channels}-{first} 5x5 stride 2, {first}-{first} 3x3, {first}-{second} 3x3 stride 2"
            + f", {second}-{second} 3x3" * design.repeats
            + f", each with BatchNorm and ReLU; means over quarters; linear to the {design.embedding}-d embedding; ReLU and "
            f"linear to {design.classes} classes; next to it, from means and maxima, 64 hidden units to {design.families} severities"
        )

    def __init__(self, design: Design) -> None:
        super().__init__()
        first, second = design.widths
        self.trunk = nn.Sequential(
            _convolution(design.channels, first, 5, stride=2),
            _convolution(first, first, 3),
            _convolution(first, second, 3, stride=2),
            *(_convolution(second, second, 3) for _ in range(design.repeats)),
        )
        self.embed = nn.Linear(second * 4, design.embedding)
        self.classify = nn.Sequential(nn.ReLU(), nn.Linear(design.embedding, design.classes))
        self.judge = nn.Sequential(nn.Linear(second * 5, 64), nn.ReLU(), nn.Linear(64, design.families))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits N x classes, embedding N x embedding, severity logits N x families."""
        field = self.trunk(images)
        quarters = nn.functional.adaptive_avg_pool2d(field, 2).flatten(1)
        embedding = self.embed(quarters)
        # The means show how much of something there is, the maximum what the worst place is like.
        worst = torch.cat([quarters, field.amax(dim=(2, 3))], dim=1)
        return self.classify(embedding), embedding, self.judge(worst)


class Classifier(nn.Module):
    """The small classifier that most references train for features (after LeCun et al. 1998), with ReLU.

    The same outputs as `FeatureNet`; its embedding is the last layer after ReLU, its severities are all 0.
    """

    @staticmethod
    def describe(design: Design) -> str:
        """The architecture in words, for the extractor's card."""
        first, second = design.widths
        return (
            f"convolutions {design.channels}-{first} and {first}-{second} 5x5, each with ReLU and 2x2 max-pooling; 4x4 means; "
            f"linear to {design.embedding}, ReLU, linear to {design.classes} classes"
        )

    def __init__(self, design: Design) -> None:
        super().__init__()
        first, second = design.widths
        self.layers = nn.Sequential(
            nn.Conv2d(design.channels, first, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(second * 16, design.embedding),
            nn.ReLU(),
        )
        self.classify = nn.Linear(design.embedding, design.classes)
        self.families = design.families

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits N x classes, embedding N x embedding, zeros N x families."""
        embedding = self.layers(images)
        return self.classify(embedding), embedding, images.new_zeros(len(images), self.families)


NETWORKS: dict[str, type[FeatureNet] | type[Classifier]] = {"graded": FeatureNet, "plain": Classifier}
"""By the kind of the extractor."""


def _convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
