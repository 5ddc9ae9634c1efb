"""A critic whose layers are divided by their largest singular value: Miyato et al. 2018, https://arxiv.org/abs/1802.05957."""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class Generator(nn.Sequential):
    """Noise to images by two transposed convolutions, from a quarter of the height and width."""

    def __init__(self, latent, shape):
        height, width, channels = shape
        super().__init__(
            nn.Linear(latent, 32 * (height // 4) * (width // 4)),
            nn.ReLU(),
            nn.Unflatten(1, (32, height // 4, width // 4)),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, channels, 4, stride=2, padding=1),
            nn.Tanh(),
        )


class Discriminator(nn.Sequential):
    """Images to raw scores by two convolutions; every weight has spectral norm 1."""

    def __init__(self, shape):
        height, width, channels = shape
        super().__init__(
            spectral_norm(nn.Conv2d(channels, 16, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.1),
            spectral_norm(nn.Conv2d(16, 32, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.1),
            nn.Flatten(),
            spectral_norm(nn.Linear(32 * (height // 4) * (width // 4), 1)),
        )
