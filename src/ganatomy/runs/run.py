"""A run folder as Python sees it: its networks, samples, history. Reads what is on disk, never the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ganatomy.arrays import to_numpy
from ganatomy.config import Config, Tree
from ganatomy.errors import GanatomyError, UsageError, nearest
from ganatomy.plugin.arguments import Count, Seed, checked
from ganatomy.runs import checkpoint, reading
from ganatomy.runs.folder import Record, RunFolder, is_scored
from ganatomy.runs.milestones import kept_of, percent_of
from ganatomy.runs.networks import build_networks, copied
from ganatomy.runs.recorded import OwnCopy, OwnGenerator, OwnNetworks, network_of
from ganatomy.runs.sampler import Sampler

if TYPE_CHECKING:
    from ganatomy.runs.program import Program

NAMED = ("last", "best")
"""Weights by name; also a percentage at which the run kept its generator, such as "50%"."""


class Run:
    """A run folder as Python sees it.

    `weights` says whose generator it has: that of the `last` checkpoint, the `best` by the run's `train.best`, or the one
    it had at a milestone ("50%"). `leaves` says where the code of leaves from outside is now: {section: reference}. `own` is
    the generator of a loop outside ganatomy, of a recorded run.
    """

    def __init__(
        self,
        path: Path,
        weights: str = "last",
        leaves: Mapping[str, str] | None = None,
        own: nn.Module | None = None,
    ) -> None:
        if weights not in NAMED and percent_of(weights) is None:
            raise UsageError(f"unknown weights {weights!r}: {nearest(weights, NAMED)}, or a milestone such as 50%")
        self.folder = RunFolder.open(path)
        self.weights = weights
        self._leaves = leaves
        self._own = own

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
        # Those kept at a milestone, or as the best, are the moving average already.
        tensors = self._weighed.tensors
        weights = tensors.get("average", tensors["generator"])
        if isinstance(self.config.model, OwnNetworks):
            return OwnGenerator(self._own_network(weights), self.config.model, self.shape, len(self.classes)).eval()
        generator, _ = build_networks(self.config, self.shape, len(self.classes))
        generator.load_state_dict(weights)
        return generator.eval().requires_grad_(False)

    def _own_network(self, weights: dict[str, Tensor]) -> Program | OwnCopy:
        if self._own is None:
            return network_of(self.folder, weights)
        network = copied(self._own).cpu().eval().requires_grad_(False)
        own = OwnCopy(network, network)
        own.weights = weights
        return own

    @cached_property
    def discriminator(self) -> nn.Module:
        """The trained discriminator, in eval mode, on the CPU."""
        _, discriminator = build_networks(self.config, self.shape, len(self.classes))
        discriminator.load_state_dict(self._saved.tensors["discriminator"])
        return discriminator.eval().requires_grad_(False)

    @cached_property
    def sampler(self) -> Sampler:
        return Sampler(self.config, self._facts.get("class_counts", ()), self.generator)

    @checked
    def sample(self, count: Count, seed: Seed | None = None, label: int | str | None = None) -> np.ndarray:
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

    def decode(self, noise: Any, labels: Any = None) -> np.ndarray:
        """The images of given noise, N x latent, and for a conditional model of labels, N whole numbers; in the form of `sample`.

        Both may be tensors, arrays or lists.

        Raises:
            UsageError: another shape, noise that is not finite, or labels missing where the model is conditional.
        """
        config = self.config
        points = to_numpy(noise, "the noise").astype(np.float32)
        if points.ndim != 2 or points.shape[1] != config.model.latent or not len(points):
            raise UsageError(
                f"the noise is {' x '.join(map(str, points.shape)) or 'a single number'}; expected N x {config.model.latent} "
                "(model.latent), N at least 1"
            )
        if not np.isfinite(points).all():
            raise UsageError("the noise has values that are not finite")
        if not config.model.conditional:
            return self.sampler.decode(torch.from_numpy(points))
        if labels is None:
            raise UsageError(f"model={config.model.name} is conditional: give labels, one an image")
        classes = to_numpy(labels, "the labels")
        if classes.shape != (len(points),) or classes.dtype.kind not in "iu":
            raise UsageError(
                f"the labels are {' x '.join(map(str, classes.shape))} of {classes.dtype}; expected {len(points)} whole numbers"
            )
        if classes.min() < 0 or classes.max() >= len(self.classes):
            raise UsageError(
                f"labels from {classes.min()} to {classes.max()}; the data has the classes 0 to {len(self.classes) - 1}"
            )
        return self.sampler.decode(torch.from_numpy(points), torch.from_numpy(classes.astype(np.int64)))
