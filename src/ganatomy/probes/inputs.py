"""What a probe shows to D: real and generated images in the range that it was trained on; and D as it judges them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganatomy import images, randomness
from ganatomy.data import Dataset, take
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs.networks import copied
from ganatomy.runs.run import Run

CHUNK = 250
"""Images that go through a network at a time, where none acts on another."""


def judge(run: Run) -> nn.Module:
    """A copy of the run's D as it was in training: BatchNorm normalises a batch by the batch's own mean and variance.

    Its running statistics would be another D. They are of real and generated images together, which D never saw in one
    batch, and lag behind.
    """
    return copied(run.discriminator).train()


def batches(run: Run, shown: Tensor) -> tuple[Tensor, ...]:
    """Images, n x C x H x W, in as many batches as the run could fill of them, each a little larger for the rest.

    Raises:
        UsageError: D has BatchNorm, and there is one image only.
    """
    if len(shown) == 1 and any(isinstance(module, _BatchNorm) for module in run.discriminator.modules()):
        raise UsageError("one image makes no batch that BatchNorm in D could normalise; ask for two or more")
    return shown.tensor_split(max(1, len(shown) // run.config.train.batch))


def noise_seed(run: Run) -> int:
    """The seed of the noise that probes draw samples from, for `Run.sample`."""
    return randomness.derive(run.config.seed, "probe/noise")


def generated(run: Run, n: int) -> Tensor:
    """n images of the run's generator (its moving average where it has one): n x C x H x W float32.

    The noise is neither that of its pictures nor that of its scores; the first k images are the same for every n.

    Raises:
        UsageError: n is below 1; the model is conditional; or the run was loaded with other weights than its last, which D
        has not trained against.
    """
    if n < 1:
        raise UsageError(f"n = {n}: a probe needs at least one image")
    if run.config.model.conditional:
        raise UsageError(f"{run.path} has a conditional model; probes are for networks that take no labels")
    if run.weights != "last":
        raise UsageError(
            f"{run.path} was loaded with the generator of {run.weights}, and D is there as the last checkpoint has it; "
            "a probe needs both of one time: load it with weights='last'"
        )
    noise = run.sampler.noise(n, noise_seed(run))
    with torch.no_grad():
        return torch.cat([run.generator(rows) for rows in noise.split(CHUNK)])


def training_images(run: Run, n: int) -> np.ndarray:
    """n of the images that the run trained on, drawn without repetition, as they are stored: n x H x W x C.

    Raises:
        UsageError: n is below 1, or there are fewer.
        GanatomyError: the data is missing, damaged, or not what the run was trained on.
    """
    dataset = run.config.data.load()
    _, facts = run.folder.read_config()
    if facts["digest"] != dataset.digest:
        raise GanatomyError(
            f"{run.path} was trained on data with the digest {facts['digest'][:12]}, and data={run.config.data.name} has "
            f"{dataset.digest[:12]} now; give the same data back"
        )
    if not 1 <= n <= len(dataset):
        raise UsageError(
            f"n = {n}: data={run.config.data.name} has {len(dataset)} training images; ask for 1 to that many"
        )
    return _drawn(run, dataset, n, "probe/real")


def real(run: Run, n: int) -> Tensor:
    """`training_images` as D sees them: n x C x H x W float32.

    Raises:
        UsageError, GanatomyError: as there.
    """
    return _shown(run, training_images(run, n))


def held_out(run: Run, n: int) -> Tensor | None:
    """n real images that the run did not train on, or as many as there are: up to n x C x H x W float32.

    None where the run's data has no such images of its own.

    Raises:
        GanatomyError: they are missing or damaged.
    """
    dataset = run.config.data.held_out()
    return None if dataset is None else _shown(run, _drawn(run, dataset, n, "probe/held out"))


def _drawn(run: Run, dataset: Dataset, n: int, purpose: str) -> np.ndarray:
    order = torch.randperm(len(dataset), generator=randomness.generator(run.config.seed, purpose))
    return take(dataset.images, order[:n].numpy())


def _shown(run: Run, pixels: np.ndarray) -> Tensor:
    return images.to_range(torch.from_numpy(pixels), run.config.real_range)
