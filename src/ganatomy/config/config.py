"""A run's settings: frozen, complete, and the same as TOML or as Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen, Predicate

from ganatomy import paths
from ganatomy.data import Source
from ganatomy.models import Model
from ganatomy.objectives import Objective
from ganatomy.plugin.registry import reference_of
from ganatomy.plugin.settings import Settings, allowed, field_help, field_types

Tree = dict[str, Any]
"""Settings as TOML has them: tables in tables."""

LENGTHS = ("epochs", "updates", "seconds")
"""The settings of `train` that set how long a run is; exactly one is set."""

LearningRate = Annotated[float, Gt(0), Le(1)]


class NetworkOptimizer(Settings):
    """What one of the two networks' optimisers has of its own."""

    lr: LearningRate | None = None
    """This network's own learning rate; unset: optimizer.lr. Above 0, for 0 would train nothing."""


class Optimizer(Settings):
    """How both networks are updated."""

    name: Literal["adam", "rmsprop"] = "adam"
    """`adam` (Kingma & Ba 2014, arXiv 1412.6980), the lab's for GAN and DCGAN; `rmsprop`, the lab's for WGAN."""
    lr: LearningRate = 2e-4
    """Learning rate of both networks. Above 0, because 0 trains nothing; at most 1, because GANs diverge far below."""
    betas: tuple[Annotated[float, Ge(0), Lt(1)], Annotated[float, Ge(0), Lt(1)]] = (0.9, 0.999)
    """Adam's decay rates of the gradient's mean and square, each in [0, 1). The lab keeps the default; DCGAN's paper has 0.5 first."""
    alpha: Annotated[float, Ge(0), Lt(1)] = 0.99
    """RMSprop's decay rate of the gradient's square, in [0, 1)."""
    schedule: Literal["constant", "cosine", "linear"] = "constant"
    """The learning rate over the run: `constant` as in the lab, or falling to 0 at the end along a half cosine or a line."""
    generator: NetworkOptimizer = field(default_factory=NetworkOptimizer)
    """The generator's own."""
    discriminator: NetworkOptimizer = field(default_factory=NetworkOptimizer)
    """The discriminator's own."""


class Train(Settings):
    """How long, in what pieces, and what is kept on the way."""

    epochs: Annotated[int, Ge(1)] | None = None
    """Length of the run in passes over the training images, at least 1. Set one of epochs, updates, seconds."""
    updates: Annotated[int, Ge(1)] | None = None
    """Length of the run in updates of the generator, at least 1."""
    seconds: Annotated[float, Gt(0)] | None = None
    """Length of the run in seconds of training, above 0. Where it stops depends on the machine; each update does not."""
    batch: Annotated[int, Ge(1), Le(65536)] = 128
    """Images in a batch, 1 to 65,536 (2 with BatchNorm). An epoch's last batch may be smaller, as in the lab."""
    log_every: Annotated[int, Ge(1)] = 100
    """Updates of the generator between two log lines, at least 1; counted within each epoch, whose last update is logged too."""
    checkpoint_every: Annotated[int, Ge(1)] = 500
    """Updates of the generator between two checkpoints, at least 1; milestones and signals make one as well."""
    milestones: Annotated[tuple[Annotated[int, Ge(0), Le(100)], ...], MinLen(1)] = (0, 25, 50, 75, 100)
    """Percents of the run, one or more, 0 to 100, at which the samples are drawn and the generator is kept."""
    evaluate_every: Annotated[int, Ge(0)] = 1000
    """Updates of the generator between two quick evaluations (FID, coverage, classes found) on 1,000 samples; 0: none. Their share of the time is logged at the end."""
    best: Literal["fid", "coverage", "classes_found"] = "fid"
    """The metric of those evaluations by which the best weights are kept, as well as the last ones. Never a loss: a GAN's losses do not measure its images."""
    ema: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Decay of a moving average of G's weights, in [0, 1), used for samples; 0: none, as in the lab. Try 0.999."""
    input_noise: Annotated[float, Ge(0), Le(10)] = 0.0
    """Standard deviation of Gaussian noise on every image that D sees in training, real or fake, fresh each time (Sønderby et al. 2016, arXiv 1610.04490); in the units of G's range. 0: none, as in the lab."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute. `auto`: the GPU if there is one, else the CPU."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """What the networks compute in: `bf16`, bfloat16 with float32 weights; `fp32`, float32; `auto`, bf16 where the device has instructions for it and the data are images, else fp32. A run keeps what it began with."""
    threads: Literal["auto"] | Annotated[int, Ge(1), Le(1024)] = "auto"
    """CPU threads that compute. `auto`: as many as torch takes, less the cores that other programs keep busy as the run begins, because threads wait for each other; OMP_NUM_THREADS decides it too. Another number sums in another order, and the last bits differ: a run keeps what it began with."""
    compile: bool = False
    """Whether torch.compile makes kernels for both networks first. On the CPU it was tried on training got slower, and it needs a C++ compiler; on GPUs it was not measured. The last bits differ."""
    batchnorm: Literal["sync", "local"] = "sync"
    """What BatchNorm normalises over when several processes train (torchrun): `sync`, the whole batch, so that they train as one process does; `local`, each process its own part of the batch, with fewer messages and other numbers."""
    timeout: Annotated[float, Gt(0)] = 300.0
    """Seconds that several processes wait for one of them in an update before they give it up, above 0; more than the slowest update takes."""


def is_plain_name(name: str) -> bool:
    """without slashes, and not beginning with a dot"""
    return bool(name) and not name.startswith(".") and not any(mark in name for mark in ("/", "\\", "\0"))


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings of one run."""

    recipe: Annotated[str, Predicate(is_plain_name)]
    """The recipe's name (a file's without its ending): it names the run's folder."""
    seed: Annotated[int, Ge(0), Lt(2**63)] = 0
    """Decides the initial weights, the order of the images and all noise; a whole number from 0."""
    out: Path | None = None
    """The run's folder itself; unset: runs/RECIPE-DATA-sSEED, numbered when taken."""
    from_run: Path | None = None
    """A run whose weights this one begins with, both networks', with fresh optimisers; `from=RUN` for short. Unset: the seed's."""
    data: Source
    model: Model
    objective: Objective
    optimizer: Optimizer
    train: Train

    @property
    def real_range(self) -> tuple[float, float] | None:
        """Lowest and highest value of the real images that D is shown; None where unbounded."""
        return (0.0, 1.0) if self.data.range == "unit" else self.model.value_range

    def lr(self, player: Literal["generator", "discriminator"]) -> float:
        """The learning rate that one network starts with."""
        own = getattr(self.optimizer, player).lr
        return self.optimizer.lr if own is None else own


@dataclass(frozen=True)
class Setting:
    """One setting of a run, as it is shown to a user."""

    name: str
    """Dotted, as on the command line: `optimizer.lr`."""
    value: Any
    allowed: str
    help: str


def settings(config: Config) -> Iterator[Setting]:
    """Every setting of a run in the order of the file, with its value, range and help."""
    yield from _settings(config, "")


def _settings(group: Any, prefix: str) -> Iterator[Setting]:
    kind: type = group.__class__
    if isinstance(getattr(kind, "name", None), str) and "name" not in field_types(kind):
        doc = (kind.__doc__ or "").strip().partition("\n")[0]
        yield Setting(f"{prefix}name", reference_of(kind), "", doc)
    for name, annotation in field_types(kind).items():
        value = getattr(group, name)
        if dataclasses.is_dataclass(value):
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield Setting(f"{prefix}{name}", value, allowed(annotation), field_help(kind)[name])


def tree(config: Config) -> Tree:
    """The settings as TOML has them; what is unset is left out. `validation.config_of` is the inverse."""
    made: Tree = {}
    for setting in settings(config):
        if setting.value is not None:
            *tables, name = setting.name.split(".")
            table = made
            for key in tables:
                table = table.setdefault(key, {})
            value = setting.value
            table[name] = (
                list(value) if isinstance(value, tuple) else paths.text(value) if isinstance(value, Path) else value
            )
    return made


def flat(settings_tree: Tree, prefix: str = "") -> dict[str, Any]:
    """{dotted name: value} of a tree."""
    found: dict[str, Any] = {}
    for name, value in settings_tree.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
