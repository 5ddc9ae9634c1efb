"""The lab's DCGAN and WGAN: a transposed-convolution generator and a convolutional discriminator."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Lt
from torch import nn

from ganatomy.models.activated import ActivatedModel
from ganatomy.models.base import Discriminator, Generator, Normalised, Shape, normalising
from ganatomy.models.layers import ChannelMeans, DoublingConv2d, FeatureMap, ImageConv2d, ImageConvTranspose2d


class Convnet(ActivatedModel):
    """The lab's layers, which at 28x28x1 are its own (after Radford et al. 2015, arXiv 1511.06434).

    G starts at a quarter of the image's height and width and doubles twice; D halves twice by max-pooling.
    """

    name: ClassVar[str] = "convnet"

    slope: Annotated[float, Ge(0), Lt(1)] = 0.1
    """Negative slope of D's LeakyReLU, in [0, 1): 0 is a plain ReLU, 1 would be no activation at all."""
    generator_slope: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Negative slope of G's activations, in [0, 1): 0 is the lab's ReLU, above it is LeakyReLU."""
    batchnorm: Normalised = "generator"
    """Which network has BatchNorm: the lab's in G is after every layer but the last; in D it is after the second convolution and the first linear layer, never first or last (as in DCGAN's paper, which has both)."""
    upsampling: Literal["transposed", "nearest"] = "transposed"
    """How G doubles height and width: `transposed`, the lab's transposed 4x4 convolutions; `nearest`, nearest-neighbour doubling and a 3x3 convolution (Odena et al. 2016, against checkerboards)."""
    head: Literal["flatten", "average"] = "flatten"
    """What D's linear layers are given: `flatten`, all features at their places, as in the lab; `average`, each feature's mean over the image (global average pooling, which the lab's report names and its code lacks)."""

    @property
    def has_batchnorm(self) -> bool:
        return self.batchnorm != "none"

    def unsupported(self, shape: Shape) -> str | None:
        height, width, _ = shape
        if height % 4 or width % 4:
            return (
                f"convnet makes images whose height and width are multiples of 4 (it doubles twice), not {height}x{width}; "
                f"give another size (a folder's is data.size, say {max(4, height - height % 4)}), or use model=mlp"
            )
        return None

    def generator(self, shape: Shape, classes: int = 0) -> Generator:
        height, width, channels = shape
        start = (128, height // 4, width // 4)
        features = start[0] * start[1] * start[2]
        transposed = self.upsampling == "transposed"
        layers = nn.Sequential(
            nn.Linear(self.inputs, 1024),
            *normalising(self.batchnorm, "generator", nn.BatchNorm1d(1024)),
            self._generator_activation(),
            nn.Linear(1024, features),
            *normalising(self.batchnorm, "generator", nn.BatchNorm1d(features)),
            self._generator_activation(),
            FeatureMap(1, start),
            nn.ConvTranspose2d(128, 64, kernel_size=4, stride=2, padding=1) if transposed else DoublingConv2d(128, 64),
            *normalising(self.batchnorm, "generator", nn.BatchNorm2d(64)),
            self._generator_activation(),
            ImageConvTranspose2d(64, channels) if transposed else DoublingConv2d(64, channels),
            self.output_layer(),
        )
        return self.generator_of(layers, classes)

    def _generator_activation(self) -> nn.Module:
        return nn.LeakyReLU(self.generator_slope) if self.generator_slope else nn.ReLU()

    def discriminator(self, shape: Shape, classes: int = 0, scores: int = 1) -> Discriminator:
        height, width, channels = shape
        # Unpadded, as in the lab, two 5x5 convolutions and two poolings leave nothing of an image below 16 pixels.
        padding = 0 if min(height, width) >= 16 else 2
        pooled_height, pooled_width = (_pooled(_pooled(side, padding), padding) for side in (height, width))
        features = 64 * pooled_height * pooled_width if self.head == "flatten" else 64
        layers = nn.Sequential(
            ImageConv2d(channels, 32, side=5, padding=padding),
            nn.MaxPool2d(2, stride=2),
            nn.LeakyReLU(self.slope),
            nn.Conv2d(32, 64, kernel_size=5, stride=1, padding=padding),
            # Before the pooling: a negative weight of BatchNorm would turn the largest value into the smallest.
            *normalising(self.batchnorm, "discriminator", nn.BatchNorm2d(64)),
            nn.MaxPool2d(2, stride=2),
            nn.LeakyReLU(self.slope),
            nn.Flatten() if self.head == "flatten" else ChannelMeans(),
            nn.Linear(features, 1024),
            *normalising(self.batchnorm, "discriminator", nn.BatchNorm1d(1024)),
            nn.LeakyReLU(self.slope),
            nn.Linear(1024, scores),
        )
        return self.discriminator_of(layers, classes)


def _pooled(side: int, padding: int) -> int:
    """Pixels along one side after a 5x5 convolution and a pooling by 2."""
    return (side + 2 * padding - 4) // 2
