"""A run folder as Python sees it: its networks, samples, history. Reads what is on disk, never the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from ganatomy.config import Config, Tree
from ganatomy.errors import GanatomyError, UsageError, nearest
from ganatomy.runs import checkpoint, reading
from ganatomy.runs.folder import Record, RunFolder, is_scored
from ganatomy.runs.milestones import kept_of, percent_of
from ganatomy.runs.networks import build_networks
from ganatomy.runs.sampler import Sampler

NAMED = ("last", "best")
"""Weights by name; also a percentage at which the run kept its generator, such as "50%"."""


class Run:
    """A run folder as Python sees it.

    `weights` says whose generator it has: that of the `last` checkpoint, the `best` by the run's `train.best`, or the one
    it had at a milestone ("50%"). `leaves` says where the code of leaves from outside is now: {section: reference}.
    """

    def __init__(self, path: Path, weights: str = "last", leaves: Mapping[str, str] | None = None) -> None:
        if weights not in NAMED and percent_of(weights) is None:
            raise UsageError(f"unknown weights {weights!r}: {nearest(weights, NAMED)}, or a milestone such as 50%")
        self.folder = RunFolder.open(path)
        self.weights = weights
        self._leaves = leaves

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, update {self.update})"

    @property
    def path(self) -> Path:
        return self.folder.path

    @cached_property
    def config(self) -> Config:
        settings, _ = self.folder.read_config()
        return reading.config_of_run(self.folder, settings, self._leaves)

    @cached_property
    def _facts(self) -> Tree:
        return self.folder.read_config()[1]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels of the images."""
        height, width, channels = self._facts["shape"]
        return height, width, channels

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the data's classes, where the run's networks or objective may use them; else empty."""
        return tuple(self._facts.get("classes", ()))

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
    def generator(self) -> nn.Module:
        """The trained generator, in eval mode, on the CPU: the moving average where the run has one."""
        generator, _ = build_networks(self.config, self.shape, len(self.classes))
        # Those kept at a milestone, or as the best, are the moving average already.
        tensors = self._weighed.tensors
        generator.load_state_dict(tensors.get("average", tensors["generator"]))
        return generator.eval().requires_grad_(False)

    @cached_property
    def discriminator(self) -> nn.Module:
        """The trained discriminator, in eval mode, on the CPU."""
        _, discriminator = build_networks(self.config, self.shape, len(self.classes))
        discriminator.load_state_dict(self._saved.tensors["discriminator"])
        return discriminator.eval().requires_grad_(False)

    @cached_property
    def sampler(self) -> Sampler:
        return Sampler(self.config, self._facts.get("class_counts", ()), self.generator)

    def sample(self, count: int, seed: int | None = None, label: int | str | None = None) -> np.ndarray:
        """`count` images, N x H x W x C uint8 (for 2-D mixtures N x 1 x 1 x 2 float32).

        Args:
            seed: of the noise and the labels; unset, the run's own, so that the first 64 are those of its pictures. The first
                k images are the same for every count.
            label: of a conditional model, the class of all images: its name, or its index. Unset, the classes are drawn as
                often as the data has them.

        Raises:
            UsageError: no such class, or the model is not conditional.
        """
        chosen = self.config.seed if seed is None else seed
        return self.sampler.draw(count, chosen, None if label is None else self.class_index(label))

    def class_index(self, label: int | str) -> int:
        """The index of a class by its name, or by the index itself.

        Raises:
            UsageError: there is none, or the model is not conditional.
        """
        if not self.config.model.conditional:
            raise UsageError(f"model={self.config.model.name} of {self.path} takes no labels: it is not conditional")
        if str(label) in self.classes:
            return self.classes.index(str(label))
        if str(label).isdecimal() and int(label) < len(self.classes):
            return int(label)
        raise UsageError(f"unknown class {label!r}: {nearest(str(label), self.classes)}")

    def decode(self, noise: Tensor, labels: Tensor | None = None) -> np.ndarray:
        """The images of given noise, N x latent, and for a conditional model of labels, N, int64; in the form of `sample`.

        Raises:
            UsageError: labels are missing where the model is conditional.
        """
        if self.config.model.conditional and labels is None:
            raise UsageError(f"model={self.config.model.name} is conditional: give labels, one an image")
        return self.sampler.decode(noise, labels)
