"""A run's networks, fresh from its settings."""

from __future__ import annotations

from ganatomy.config import Config
from ganatomy.models import Discriminator, Generator
from ganatomy.randomness import global_seed

Networks = tuple[Generator, Discriminator]


def build_networks(config: Config, shape: tuple[int, int, int]) -> Networks:
    """Fresh networks for images of a shape, initialised as torch does from (seed, network); on the CPU."""
    scores = config.objective.score_count(shape)
    with global_seed(config.seed, "weights/generator"):
        generator = config.model.generator(shape)
    with global_seed(config.seed, "weights/discriminator"):
        discriminator = config.model.discriminator(shape, scores)
    return generator, discriminator
