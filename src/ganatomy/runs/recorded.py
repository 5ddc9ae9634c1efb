"""Runs of a user's own loop: what stands for the settings that only the loop knows, and their generator without its code."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn
from torch.nn import functional

from ganatomy import atomic, randomness
from ganatomy.config import Config, Train, Tree
from ganatomy.config.validation import source_of
from ganatomy.data import Dataset, Source
from ganatomy.errors import GanatomyError
from ganatomy.models import Model
from ganatomy.models.base import Shape
from ganatomy.objectives import Batch, Critic, Objective
from ganatomy.plugin.settings import Settings
from ganatomy.runs.folder import RunFolder

if TYPE_CHECKING:
    from ganatomy.runs.program import Program

TABLE = "recorded"
"""Of a run's config.toml: it is there where the user's own loop trained the run."""

Weights = dict[str, Tensor]


class OwnNetworks(Model):
    """Networks of a recorded loop: how its generator was called, and what it returned."""

    name = "own"

    noise: Literal["normal", "uniform", "symmetric"] = "normal"
    """What the loop drew: N(0, 1), U(0, 1) or U(-1, 1)."""
    scale: float = 1.0
    """What the noise was multiplied by."""
    dtype: Literal["float32", "float64", "float16", "bfloat16"] = "float32"
    """Of the noise."""
    noise_shape: tuple[int, ...] = ()
    """Of the noise of one image, such as (100,) or (100, 1, 1); `latent` is their product."""
    labels: Literal["none", "index", "one-hot"] = "none"
    """What the generator was given as its second argument."""
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    """How it returned images."""
    lowest: float | None = None
    """The value of black, and in `highest` of white; unset: points in the plane."""
    highest: float | None = None
    """The value of white."""
    generator_class: str = ""
    """The name of the generator's class."""
    discriminator_class: str = ""
    """The name of the discriminator's class."""

    @property
    def value_range(self) -> tuple[float, float] | None:  # type: ignore[override]
        return None if self.lowest is None or self.highest is None else (self.lowest, self.highest)

    @property
    def conditional(self) -> bool:  # type: ignore[override]
        return self.labels != "none"

    def generator(self, shape: Shape) -> nn.Module:
        raise GanatomyError(NOT_OURS)

    def discriminator(self, shape: Shape) -> nn.Module:
        raise GanatomyError("a recorded run keeps its generator alone; what needs the discriminator cannot be measured")


class OwnLoss(Objective):
    """The losses of a recorded loop."""

    name = "own loop"

    probabilities: bool = False
    """Whether D returned probabilities and not raw scores."""

    @property
    def probability(self) -> bool:  # type: ignore[override]
        return self.probabilities

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        raise GanatomyError(NOT_OURS)

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        raise GanatomyError(NOT_OURS)

    def constrain(self, parameters: Iterable[nn.Parameter]) -> None:
        raise GanatomyError(NOT_OURS)


class OwnOptimizers(Settings):
    """The optimisers of a recorded loop, as they were when it began."""

    generator: str = "unknown"
    """Class and settings."""
    discriminator: str = "unknown"
    """Class and settings."""


class NoData(Source):
    """The data of a recorded loop that did not name it."""

    name = "own data"

    def load(self) -> Dataset:
        """
        Raises:
            GanatomyError: always.
        """
        raise GanatomyError(
            "this run was recorded without its data, so there is nothing to score it against; name the data in the loop, "
            "ganatomy.watch(..., data='mnist'), or score its samples: ganatomy sample RUN --out X.npz, and then "
            "ganatomy evaluate --samples X.npz --data mnist"
        )


NOTEBOOK = "notebook"
NOT_OURS = "this run was made by a loop outside ganatomy and recorded; its networks and losses are that loop's"


def is_recorded(settings: Tree) -> bool:
    """Whether a run's settings are of a recorded one."""
    return TABLE in settings


def config_of(settings: Tree) -> Config:
    """A recorded run's settings.

    Raises:
        UsageError: its data is not what a source could be.
        GanatomyError: they are not as they were written.
    """
    data = data_of(settings)
    try:
        return Config(
            recipe=settings["recipe"],
            seed=settings["seed"],
            data=source_of(data) if data else NoData(),
            model=_group(OwnNetworks, settings["model"]),
            objective=_group(OwnLoss, settings["objective"]),
            optimizer=_group(OwnOptimizers, settings["optimizer"]),
            train=_group(Train, settings["train"]),
        )
    except (KeyError, AttributeError, ValidationError) as error:
        raise GanatomyError(f"the settings of a recorded run are damaged: {error}") from error


def data_of(settings: Tree) -> Tree:
    """The section of the data, which may be code of the user's own; empty where the loop did not name its data."""
    data = settings.get("data", {})
    return {} if data.get("name") == NoData.name else {"data": data}


def _group(group: type, given: Tree) -> Any:
    return TypeAdapter(group).validate_python({name: value for name, value in given.items() if name != "name"})


# ---- the generator


class OwnGenerator(nn.Module):
    """The generator of a recorded loop as ganatomy calls it: N x latent of N(0, I), and labels (N, int64), to N x C x H x W.

    `state_dict` is that of the user's generator.
    """

    def __init__(self, network: Program | OwnCopy, model: OwnNetworks, shape: Shape, classes: int = 0) -> None:
        super().__init__()
        self.network = network
        self._model = model
        self._shape = shape
        self._classes = classes

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        model, (height, width, channels) = self._model, self._shape
        kind: torch.dtype = getattr(torch, model.dtype)
        drawn = _distributed(noise, model.noise).mul(model.scale).to(kind)
        inputs = [drawn.reshape(len(noise), *model.noise_shape)]
        if labels is not None and model.labels == "one-hot":
            inputs.append(functional.one_hot(labels, self._classes).to(kind))
        elif labels is not None:
            inputs.append(labels)
        # Of a generator that draws numbers itself: the same ones each time, and none from the loop's own stream.
        with randomness.global_seed(0, "recorded", device=noise.device):
            made: Tensor = self.network(*inputs)
        if model.layout == "NHWC":
            return made.reshape(len(noise), height, width, channels).permute(0, 3, 1, 2)
        return made.reshape(len(noise), channels, height, width)

    def take(self, weights: Weights) -> None:
        """Draw with other weights from now on."""
        device = next((value.device for value in self.network.weights.values()), None)
        self.network.weights = {name: value.to(device) for name, value in weights.items()}

    def state_dict(self, *args: Any, **options: Any) -> Any:
        return dict(self.network.weights)


class OwnCopy(nn.Module):
    """A copy of a recorded loop's generator, where its operations could not be listed."""

    def __init__(self, called: nn.Module, network: nn.Module) -> None:
        """`network`: the generator, in `called`, which calls it as the loop did; or both are it."""
        super().__init__()
        self.called = called
        self.network = network

    @property
    def weights(self) -> Weights:
        """Those of the generator, by its names."""
        found: Weights = self.network.state_dict()
        return found

    @weights.setter
    def weights(self, weights: Weights) -> None:
        self.network.load_state_dict(weights)

    def forward(self, *inputs: Tensor) -> Any:
        return self.called(*inputs)


def _distributed(noise: Tensor, kind: str) -> Tensor:
    """N(0, 1) as it is, or as the uniform numbers with the same quantiles."""
    if kind == "normal":
        return noise
    uniform = torch.special.ndtr(noise)
    return uniform if kind == "uniform" else 2 * uniform - 1


def save_program(folder: RunFolder, tree: Any) -> None:
    """Write the generator's operations."""
    atomic.write(folder.program, json.dumps(tree))


def network_of(folder: RunFolder, weights: Weights) -> Program:
    """The generator's operations on some weights.

    Raises:
        GanatomyError: the run has none, or they are damaged.
    """
    from ganatomy.runs.program import Program

    if not folder.program.is_file():
        raise GanatomyError(
            f"{folder.path} has the weights of its generator and not its operations, which could not be listed; pass the network "
            "from Python: ganatomy.load(path, model=G)"
        )
    try:
        tree = json.loads(folder.program.read_text(encoding="utf-8"))
    except ValueError as error:
        raise GanatomyError(f"{folder.program} is damaged: {error}") from error
    return Program(tree, weights)


def script_of(command: list[str]) -> str:
    """What ran the loop, in short: the name of a script, or NOTEBOOK."""
    name = Path(str(command[0])).name if command else ""
    return NOTEBOOK if not name or "kernel" in str(command[0]) else name
