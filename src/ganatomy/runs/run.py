"""A run folder as Python sees it: its networks, samples, history. Reads what is on disk, never the trainer."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganatomy.runs import checkpoint
from ganatomy.runs import reading
from ganatomy import images, randomness
from ganatomy.config import Config
from ganatomy.errors import GanatomyError, UsageError, nearest
from ganatomy.runs.milestones import kept_of, percent_of
from ganatomy.models import Discriminator, Generator
from ganatomy.runs.networks import build_networks
from ganatomy.runs.folder import Record, RunFolder, is_scored

NAMED = ("last", "best")
"""Weights by name; beside these, a percentage at which the run kept its generator, such as "50%"."""


class Run:
    """A run folder as Python sees it.

    `weights` says whose generator it gives: that of the `last` checkpoint, the `best` by the run's `train.best`, or the one
    it had at a milestone ("50%").
    """

    def __init__(self, path: Path, weights: str = "last") -> None:
        if weights not in NAMED and percent_of(weights) is None:
            raise UsageError(f"unknown weights {weights!r}: {nearest(weights, NAMED)}, or a milestone such as 50%")
        self.folder = RunFolder.open(path)
        self.weights = weights

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, update {self.update})"

    @property
    def path(self) -> Path:
        return self.folder.path

    @cached_property
    def config(self) -> Config:
        settings, _ = self.folder.read_config()
        return reading.config_of_run(self.folder, settings)

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels of the images."""
        _, resolved = self.folder.read_config()
        height, width, channels = resolved["shape"]
        return height, width, channels

    @property
    def history(self) -> list[Record]:
        """The log lines, a dict each (`pandas.DataFrame(run.history)` works): step, epoch, images, seconds, loss/*, ..."""
        return [record for record in self.folder.history() if not is_scored(record)]

    @property
    def scores(self) -> list[Record]:
        """The quick evaluations made while it trained, a dict each: step, epoch, images, seconds, metric/*."""
        return [record for record in self.folder.history() if is_scored(record)]

    @cached_property
    def _saved(self) -> checkpoint.Checkpoint:
        return reading.newest_checkpoint(self.folder)

    @cached_property
    def _best(self) -> checkpoint.Checkpoint:
        updates = self.folder.best_updates()
        if not updates:
            train = self.config.train
            reason = (
                f"it was not evaluated while it trained (train.evaluate_every = {train.evaluate_every})"
                if not self.scores
                else f"its folder {self.folder.best} is empty"
                if any(f"metric/{train.best}" in record for record in self.scores)
                else f"its data has no metric {train.best}, by which the best are chosen (train.best)"
            )
            raise GanatomyError(f"{self.path} has no best weights: {reason}; use the last ones")
        return checkpoint.load(self.folder.best_step(updates[-1]))

    @cached_property
    def _milestone(self) -> checkpoint.Checkpoint:
        percent = percent_of(self.weights)
        kept = kept_of(self._saved.state["milestones"])
        updates = [update for update, percents in kept.items() if percent in percents]
        if not updates:
            there = sorted(percent for percents in kept.values() for percent in percents)
            raise GanatomyError(
                f"{self.path} has kept no generator at {self.weights}; it has {', '.join(f'{each}%' for each in there)} "
                "(train.milestones)"
            )
        return checkpoint.load(self.folder.milestone(updates[-1]))

    @property
    def _weighed(self) -> checkpoint.Checkpoint:
        """The checkpoint that has the generator asked for."""
        if self.weights == "last":
            return self._saved
        return self._best if self.weights == "best" else self._milestone

    @property
    def update(self) -> int:
        """Updates of the generator that the weights had."""
        return int(self._weighed.state["update"])

    @cached_property
    def generator(self) -> Generator:
        """The trained generator, in eval mode, on the CPU: the moving average where the run has one."""
        generator, _ = build_networks(self.config, self.shape)
        # Those kept at a milestone, or as the best, are the moving average already.
        tensors = self._weighed.tensors
        generator.load_state_dict(tensors.get("average", tensors["generator"]))
        return generator.eval().requires_grad_(False)

    @cached_property
    def discriminator(self) -> Discriminator:
        """The trained discriminator, in eval mode, on the CPU."""
        _, discriminator = build_networks(self.config, self.shape)
        discriminator.load_state_dict(self._saved.tensors["discriminator"])
        return discriminator.eval().requires_grad_(False)

    def sample(self, count: int, seed: int | None = None) -> np.ndarray:
        """`count` images, N x H x W x C uint8 (for 2-D mixtures N x 1 x 1 x 2 float32).

        `seed` picks the noise; unset, the run's own, so that the first 64 are those of its pictures. The first k images
        are the same for every count.
        """
        chosen = self.config.seed if seed is None else seed
        return self.decode(randomness.sample_noise(count, self.config.model.latent, chosen))

    @torch.inference_mode()
    def decode(self, noise: Tensor) -> np.ndarray:
        """The images of given noise, N x latent, in the form of `sample`."""
        parts = [images.to_pixels(self.generator(part), self.config.real_range) for part in noise.split(256)]
        height, width, channels = self.shape
        empty = np.empty((0, height, width, channels), np.uint8 if self.config.real_range else np.float32)
        return np.concatenate([empty, *parts])
