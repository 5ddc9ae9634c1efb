"""Networks that are given the class of each image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganatomy.models.base import Discriminator, Generator


class ConditionalGenerator(Generator):
    """Noise, N x latent, and labels, N, to images: layers for 2 x latent numbers, the noise and an embedding of the class.

    The embedding is divided by sqrt(latent), so that the class begins with the weight of one dimension of the noise. With
    that of all of them G soon makes one image a class, whatever the noise is.
    """

    def __init__(
        self, layers: nn.Sequential, latent: int, value_range: tuple[float, float] | None, classes: int
    ) -> None:
        super().__init__(layers, latent, value_range)
        self.embedding = nn.Embedding(classes, latent)
        self._scale = latent**-0.5

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:  # type: ignore[override]
        return self.layers(torch.cat([noise, self._scale * self.embedding(labels)], dim=1))


class ProjectionDiscriminator(Discriminator):
    """D(x, y) = psi(phi(x)) + <v_y, phi(x)> / sqrt(F) (Miyato & Koyama 2018, arXiv 1802.05637).

    psi is the last of the layers, F the number of its features; the scale is that of StyleGAN2's D (Karras et al. 2020, arXiv
    2006.06676). Scores after the first see no more than the image.
    """

    def __init__(self, layers: nn.Sequential, classes: int) -> None:
        super().__init__(layers)
        psi = layers[-1]
        assert isinstance(psi, nn.Linear)
        self.embedding = nn.Embedding(classes, psi.in_features)
        self._scale = psi.in_features**-0.5

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:  # type: ignore[override]
        *phi, psi = self.layers
        features = images
        for layer in phi:
            features = layer(features)
        first, others = psi(features).tensor_split([1], dim=1)
        match = self._scale * (self.embedding(labels) * features).sum(dim=1, keepdim=True)
        return torch.cat([first + match, others], dim=1)
