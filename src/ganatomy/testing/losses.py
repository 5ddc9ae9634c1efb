"""What a loss is checked with: batches of random images, a small critic, and the loss as the trainer computes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from ganatomy.objectives import Batch, Critic, Objective
from ganatomy.randomness import seeded
from ganatomy.testing.contract import explained

SHAPE = (4, 3, 2)  # height, width, channels
CLASSES = 3
LATENT = 5
ROWS = 6
DRAWS = 16
"""Seeds over which a random loss is averaged."""

Method = Literal["critic_loss", "generator_loss"]
METHODS: tuple[Method, ...] = ("critic_loss", "generator_loss")
Terms = dict[str, Tensor]


def batch_of(
    objective: Objective,
    rows: int = ROWS,
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
    progress: float = 0.5,
    labels: bool = False,
) -> Batch:
    """Random images in a range that the objective allows; labels only if they are asked for or needed."""
    draw = torch.Generator().manual_seed(rows)
    low, high = objective.real_range or (-1.0, 1.0)
    height, width, channels = SHAPE

    def images() -> Tensor:
        drawn = torch.rand(rows, channels, height, width, generator=draw, dtype=torch.float64)
        return (low + (high - low) * drawn).to(device, dtype)

    noise = torch.randn(rows, LATENT, generator=draw, dtype=torch.float64).to(device, dtype)
    classes = (torch.arange(rows) % CLASSES).to(device) if labels or objective.needs_labels else None
    return Batch(images(), images(), noise, classes, progress)


def small_critic(objective: Objective, dtype: torch.dtype = torch.float64, device: str = "cpu") -> nn.Sequential:
    """A small critic that is not linear, so that its gradient differs from image to image."""
    height, width, channels = SHAPE
    scores = objective.score_count(SHAPE, CLASSES)
    with seeded(0):
        network = nn.Sequential(
            nn.Flatten(), nn.Linear(height * width * channels, 5), nn.Tanh(), nn.Linear(5, scores)
        ).double()
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.5)
    return network.to(device, dtype)


def computed(objective: Objective, method: Method, critic: Critic, batch: Batch, seed: int = 0) -> Terms:
    """A loss's terms, as the trainer asks for them: for the generator's loss the fakes have a graph."""
    if method == "generator_loss":
        batch.fake.requires_grad_()
    with seeded(seed), explained(f"{call_name(objective, method)}(critic, batch)", "see the error above"):
        # The critic is a function: a loss that reaches for its layers would fail in the trainer too.
        terms: Terms = getattr(objective, method)(lambda images: critic(images), batch)
    return terms


def summed(terms: Terms) -> Tensor:
    return torch.stack(list(terms.values())).sum()


def call_name(objective: Objective, method: Method) -> str:
    return f"{type(objective).__name__}.{method}"


def both_losses(
    objective: Objective, dtype: torch.dtype = torch.float64, device: str = "cpu"
) -> Iterator[tuple[Method, str, nn.Sequential]]:
    """Both losses, each with its name in messages and a fresh critic."""
    for method in METHODS:
        critic = small_critic(objective, dtype, device)
        critic.requires_grad_(method == "critic_loss")
        yield method, call_name(objective, method), critic


def draws(objective: Objective, method: Method, critic: Critic, batch: Batch) -> Terms:
    """Each term's values; of a random loss for some seeds."""
    seeds = range(1 if objective.deterministic else DRAWS)
    drawn = [computed(objective, method, critic, batch, seed) for seed in seeds]
    return {term: torch.stack([terms[term].detach() for terms in drawn]) for term in drawn[0]}


def some_rows(batch: Batch, rows: slice) -> Batch:
    labels = None if batch.labels is None else batch.labels[rows]
    return Batch(batch.real[rows], batch.fake[rows], batch.noise[rows], labels, batch.progress)


def repeated_batch(batch: Batch, times: int = 4) -> Batch:
    labels = None if batch.labels is None else batch.labels.repeat(times)
    real, fake = (images.repeat(times, 1, 1, 1) for images in (batch.real, batch.fake))
    return Batch(real, fake, batch.noise.repeat(times, 1), labels, batch.progress)


def _levels(objective: Objective) -> tuple[float, float]:
    """The brightness of all bright and of all dark images."""
    low, high = objective.real_range or (-1.0, 1.0)
    return low + 0.75 * (high - low), low + 0.25 * (high - low)


def bright_and_dark(objective: Objective) -> Batch:
    """A batch of bright reals and dark fakes."""
    bright, dark = _levels(objective)
    drawn = batch_of(objective)
    return Batch(torch.full_like(drawn.real, bright), torch.full_like(drawn.fake, dark), drawn.noise, drawn.labels, 0.5)


def brightness_critic(objective: Objective, sign: float = 1.0) -> Critic:
    """A critic that scores the bright images of `bright_and_dark` as `sign`, and the dark ones as its opposite."""
    bright, dark = _levels(objective)

    def critic(images: Tensor) -> Tensor:
        brightness = images.flatten(1).mean(1, keepdim=True)
        score = sign * (brightness - (bright + dark) / 2) * 2 / (bright - dark)
        others = objective.score_count(SHAPE, CLASSES) - 1
        rest = score if objective.scores == "pixels" else torch.zeros_like(score)
        return torch.cat([score, rest.expand(-1, others)], 1)

    return critic
