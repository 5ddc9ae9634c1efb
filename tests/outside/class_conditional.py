"""A generator that is given the class, and a projection discriminator: Miyato & Koyama 2018, https://arxiv.org/abs/1802.05637."""

from math import prod

import torch
from torch import nn

import ganatomy


class ClassConditional(ganatomy.Model):
    """Fully connected networks; D's score is psi(h) + <V[label], h> with h its features (section 3 of the paper)."""

    conditional = True
    value_range = (-1.0, 1.0)

    hidden: int = 64
    """Width of the hidden layers."""

    def generator(self, shape, classes):
        return Generator(self.latent, self.hidden, shape, classes)

    def discriminator(self, shape, classes, scores=1):
        return Discriminator(self.hidden, shape, classes, scores)


class Generator(nn.Module):
    def __init__(self, latent, hidden, shape, classes):
        super().__init__()
        height, width, channels = shape
        self.embedding = nn.Embedding(classes, latent)
        self.layers = nn.Sequential(nn.Linear(2 * latent, hidden), nn.ReLU(), nn.Linear(hidden, prod(shape)), nn.Tanh())
        self.image = nn.Unflatten(1, (channels, height, width))

    def forward(self, noise, labels):
        return self.image(self.layers(torch.cat([noise, self.embedding(labels)], dim=1)))


class Discriminator(nn.Module):
    """The label moves the first score alone: an objective's other scores see no more than the image."""

    def __init__(self, hidden, shape, classes, scores):
        super().__init__()
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), hidden), nn.LeakyReLU(0.2))
        self.embedding = nn.Embedding(classes, hidden)
        self.psi = nn.Linear(hidden, scores)

    def forward(self, images, labels):
        features = self.features(images)
        scores = self.psi(features)
        projection = (self.embedding(labels) * features).sum(1, keepdim=True)
        return torch.cat([scores[:, :1] + projection, scores[:, 1:]], dim=1)
