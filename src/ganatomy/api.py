"""The Python API: train, resume, load, build. `ganatomy/__init__.py` hands these out, loaded late."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganatomy import checkpoint, continuation, images, randomness, recipe
from ganatomy.callbacks import Callback
from ganatomy.callbacks.progress import progress
from ganatomy.callbacks.samples import Samples
from ganatomy.callbacks.tensorboard import TensorBoard
from ganatomy.config import Config, tree
from ganatomy.data import Dataset
from ganatomy.environment import describe
from ganatomy.errors import GanatomyError
from ganatomy.models import Discriminator, Generator
from ganatomy.players import build_networks
from ganatomy.resolve import resolve
from ganatomy.run import Record, RunFolder
from ganatomy.trainer import Trainer, pick_device

RUNS = Path("runs")
"""Where runs are made unless `out` names their folder."""


def train(recipe_name: str, *overrides: str, runs: Path | str = RUNS, **settings: Any) -> Run:
    """Train a recipe in a new run folder, to its end.

    Args:
        recipe_name: a shipped recipe ("gan", "dcgan", "wgan", ...) or the path of a TOML file.
        overrides: settings as on the command line: "train.epochs=5".
        runs: the folder that the run's own is made in, unless `out` names that.
        settings: settings by keyword: data="digits", seed=3, train={"epochs": 5}.

    Raises:
        UsageError: settings that are wrong, all of them in one message.
        Interrupted: SIGINT or SIGTERM; the checkpoint is written, `resume` continues.
        GanatomyError: data missing or damaged, a folder not writable, a loss that is not finite.
    """
    config = recipe.load(recipe_name, {**recipe.words(overrides), **settings})
    pick_device(config.train.device)
    dataset = config.data.load()
    config, resolved = resolve(config, dataset)
    run = RunFolder.create(config, Path(runs))
    with run.lock():
        try:
            trainer = Trainer(config, resolved, dataset, run, _callbacks(dataset))
            run.write_config(tree(config), resolved.tree())
            run.add_environment(describe(str(trainer.device), 0))
            trainer.fit()
        except BaseException:
            if not run.checkpoint_updates():
                run.discard()
            raise
    return Run(run.path)


def resume(path: Path | str, *overrides: str, **settings: Any) -> Run:
    """Continue a run in its own folder, to the same bits as if it had never stopped.

    Args:
        path: the run's folder.
        overrides, settings: a new length (train.epochs, train.updates or train.seconds); nothing else may change.

    Raises:
        GanatomyError: no run, a newer format, changed settings or data (with the diff), no readable checkpoint, or the
            run is in use by another process.
    """
    run = RunFolder.open(Path(path))
    with run.lock():
        plan = continuation.plan(run, {**recipe.words(overrides), **settings})
        dataset = plan.config.data.load()
        config, resolved = resolve(plan.config, dataset)
        plan.check_data(resolved)
        if not plan.is_finished(resolved):
            trainer = Trainer(config, resolved, dataset, run, _callbacks(dataset))
            continuation.warn_of_threads(run.environments())
            plan.rewind(run, resolved)
            if plan.saved is not None:
                trainer.restore(plan.saved)
            run.write_config(tree(config), resolved.tree())
            run.add_environment(describe(str(trainer.device), trainer.update))
            trainer.fit()
    return Run(run.path)


def load(path: Path | str) -> Run:
    """An existing run, trained to its end or not.

    Raises:
        GanatomyError: there is no run at that path.
    """
    return Run(RunFolder.open(Path(path)).path)


def build(
    recipe_name: str, *overrides: str, shape: tuple[int, int, int] = (28, 28, 1), **settings: Any
) -> tuple[Generator, Discriminator]:
    """A recipe's fresh networks, (generator, discriminator), as a run with that seed starts with them.

    G takes noise N x latent and gives images N x C x H x W in `G.value_range`; D takes such images and gives raw scores,
    N x 1 (N x H*W*C for `gan-as-reported`). `shape` is height, width, channels.
    """
    config = recipe.load(recipe_name, {**recipe.words(overrides), **settings})
    refusal = config.model.refusal(shape)
    if refusal:
        raise GanatomyError(refusal)
    return build_networks(config, shape)


def _callbacks(dataset: Dataset) -> Sequence[Callback]:
    limit = None if dataset.bounded else float(np.abs(dataset.images).max()) * 1.25
    return [progress(), Samples(limit), TensorBoard(limit)]


class Run:
    """A run folder as Python sees it."""

    def __init__(self, path: Path) -> None:
        self.folder = RunFolder.open(path)

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
        return self.folder.history()

    @cached_property
    def _saved(self) -> checkpoint.Checkpoint:
        return continuation.newest_checkpoint(self.folder)

    @property
    def update(self) -> int:
        """Updates of the generator in the newest checkpoint."""
        return int(self._saved.state["update"])

    @cached_property
    def generator(self) -> Generator:
        """The trained generator, in eval mode, on the CPU: the moving average where the run has one."""
        generator, _ = build_networks(self.config, self.shape)
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
