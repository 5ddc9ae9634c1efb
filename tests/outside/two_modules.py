"""Two plain PyTorch modules: nothing of ganatomy."""

from math import prod

from torch import nn


class Generator(nn.Sequential):
    """Noise, N x latent, to images, N x C x H x W, in [-1, 1]."""

    def __init__(self, latent, shape):
        height, width, channels = shape
        super().__init__(
            nn.Linear(latent, 64),
            nn.ReLU(),
            nn.Linear(64, prod(shape)),
            nn.Tanh(),
            nn.Unflatten(1, (channels, height, width)),
        )


class Discriminator(nn.Sequential):
    """Images to raw scores, N x 1: no Sigmoid, which is the loss's part."""

    def __init__(self, shape):
        super().__init__(nn.Flatten(), nn.Linear(prod(shape), 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
