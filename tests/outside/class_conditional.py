"""A generator that is given the class, and a projection discriminator: Miyato & Koyama 2018, https://arxiv.org/abs/1802.05637."""

from math import prod

import torch
from torch import nn


class Generator(nn.Module):
    """Noise, N x latent, and labels, N, to images in [-1, 1]: the class is an embedding next to the noise."""

    conditional = True

    def __init__(self, latent, shape, classes):
        super().__init__()
        height, width, channels = shape
        self.embedding = nn.Embedding(classes, latent)
        layers = nn.Linear(2 * latent, 64), nn.ReLU(), nn.Linear(64, prod(shape)), nn.Tanh()
        self.layers = nn.Sequential(*layers, nn.Unflatten(1, (channels, height, width)))

    def forward(self, noise, labels):
        return self.layers(torch.cat([noise, self.embedding(labels)], dim=1))


class Discriminator(nn.Module):
    """D(x, y) = psi(h) + <V[y], h>, h the features of x. Other scores than the first see no more than the image."""

    def __init__(self, shape, classes, scores):
        super().__init__()
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), 64), nn.LeakyReLU(0.2))
        self.embedding, self.psi = nn.Embedding(classes, 64), nn.Linear(64, scores)

    def forward(self, images, labels):
        features = self.features(images)
        first, others = self.psi(features).tensor_split([1], dim=1)
        return torch.cat([first + (self.embedding(labels) * features).sum(1, keepdim=True), others], dim=1)
