"""A run folder as Python sees it: its networks, samples, history. Reads what is on disk, never the trainer."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from ganatomy import checkpoint, continuation, images, randomness
from ganatomy.config import Config
from ganatomy.errors import GanatomyError, UsageError, nearest
from ganatomy.models import Discriminator, Generator
from ganatomy.players import build_networks
from ganatomy.run import Record, RunFolder, is_scored

Weights = Literal["last", "best"]


class Run:
    """A run folder as Python sees it.

    `weights` says whose generator it gives: that of the `last` checkpoint, or the `best` by the run's `train.best`.
    """

    def __init__(self, path: Path, weights: Weights = "last") -> None:
        if weights not in get_args(Weights):
            raise UsageError(f"unknown weights {weights!r}: {nearest(weights, get_args(Weights))}")
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
        return continuation.config_of_run(self.folder, settings)

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
        return continuation.newest_checkpoint(self.folder)

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

    @property
    def update(self) -> int:
        """Updates of the generator in the newest checkpoint, or those that the best weights had."""
        saved = self._best if self.weights == "best" else self._saved
        return int(saved.state["update"])

    @cached_property
    def generator(self) -> Generator:
        """The trained generator, in eval mode, on the CPU: the moving average where the run has one."""
        generator, _ = build_networks(self.config, self.shape)
        if self.weights == "best":
            weights = self._best.tensors["generator"]
        else:
            weights = self._saved.tensors.get("average", self._saved.tensors["generator"])
        generator.load_state_dict(weights)
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
