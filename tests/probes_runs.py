"""Runs of two updates that the tests of the probes share, and discriminators whose numbers are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from ganatomy import api
from ganatomy.models import Discriminator
from ganatomy.runs.run import Run

SETTINGS = ["train.updates=2", "train.batch=32", "train.evaluate_every=0", "train.log_every=1", "train.precision=fp32"]


def tiny(folder: Path, recipe: str, *words: str, data: str = "digits") -> Run:
    """A run of two updates on the bundled digits, unless the words say otherwise."""
    given = {word.split("=")[0] for word in words}
    usual = [word for word in SETTINGS if word.split("=")[0] not in given]
    return api.train(recipe, f"data={data}", *usual, *words, f"out={folder / '-'.join([recipe, data, *words])}")


def judged_by(run: Run, discriminator: nn.Module) -> Run:
    """The same run with another D in the place of its own."""
    copied = Run(run.path)
    copied.discriminator = discriminator.eval().requires_grad_(False)  # type: ignore[misc, assignment]
    return copied


class Scoring(Discriminator):
    """A D that is a function of the flattened images: N x values to N x scores."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__(nn.Sequential(nn.Flatten()))
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images.flatten(1))


def linear(weight: Tensor, bias: float = 0.0) -> Discriminator:
    """D(x) = weight . x + bias; with a weight of scores x values, one score a row."""
    rows = weight.reshape(-1, weight.shape[-1])
    layer = nn.Linear(rows.shape[1], len(rows))
    with torch.no_grad():
        layer.weight.copy_(rows)
        assert layer.bias is not None
        layer.bias.fill_(bias)
    return Discriminator(nn.Sequential(nn.Flatten(), layer))
