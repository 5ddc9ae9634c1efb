"""What a loop's generator is: how it is called, and what it returns, seen at its first call."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ganatomy.runs.recorded import OwnNetworks, Weights
from ganatomy.watching import graph
from ganatomy.watching.hooks import Guard, Hook
from ganatomy.watching.texts import TEXTS
from ganatomy.words import Words, filled

Range = tuple[float, float]
Shape = tuple[int, int, int]
"""Height, width, channels."""
Layout = Literal["NCHW", "NHWC"]
POINT: Shape = (1, 1, 2)
"""Of points in the plane."""
USUAL: tuple[Range, ...] = ((-1.0, 1.0), (0.0, 1.0), (0.0, 255.0))
"""The ranges that pixels are usually mapped to."""
NEAR = 0.1
"""Share of a range by which a batch's extremes may miss its ends."""
ENDS: dict[str, Range] = {"Tanh": (-1.0, 1.0), "Sigmoid": (0.0, 1.0)}
"""The range of a generator's last operation."""


class Unseen(Exception):
    """What keeps images from being drawn, in words."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True)
class Call:
    """The first call of a generator."""

    inputs: tuple[Any, ...]
    named: dict[str, Any]
    output: Tensor

    def asked(self) -> list[tuple[str | int, Tensor]]:
        """(place or name, tensor) of each argument, noise first.

        Raises:
            Unseen: other arguments than noise and labels.
        """
        given: list[tuple[str | int, Any]] = [*enumerate(self.inputs), *self.named.items()]
        found = [(place, value) for place, value in given if isinstance(value, Tensor) and value.ndim]
        alike = all(len(value) == len(self.output) for _, value in found)
        if not found or len(found) > 2 or len(found) < len(given) or not alike or not found[0][1].is_floating_point():
            raise Unseen(TEXTS["recording.arguments"])
        return found


class Caller(nn.Module):
    """A generator called with noise and labels in order, however the loop calls it."""

    def __init__(self, network: nn.Module, call: Call) -> None:
        super().__init__()
        self.network = network
        self._places = [place for place, _ in call.asked()]

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Any:
        given = [noise] if labels is None else [noise, labels]
        placed = dict(zip(self._places, given, strict=True))
        ordered = [placed[place] for place in sorted(place for place in placed if isinstance(place, int))]
        named = {name: each for name, each in placed.items() if isinstance(name, str)}
        return graph.tensor_of(self.network(*ordered, **named))


@dataclass
class Subject:
    """Listens until the generator was called once."""

    guard: Guard
    generator: nn.Module
    call: Call | None = None
    began: float = 0.0
    """When, by `time.perf_counter`."""
    _handles: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._handles = [self.generator.register_forward_hook(Hook(self.guard, self, "_on_made"), with_kwargs=True)]

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _on_made(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        images = graph.tensor_of(output)
        if images is not None and images.ndim > 1 and self.call is None:
            named = {name: _kept(value) for name, value in named.items()}
            self.call, self.began = Call(tuple(map(_kept, inputs)), named, _kept(images)), time.perf_counter()
            self.remove()


def _kept(value: Any) -> Any:
    return value.detach().cpu().clone() if isinstance(value, Tensor) else value


def shape_of(output: Tensor, known: Shape | None) -> tuple[Shape, Layout]:
    """Height, width and channels of the images that a generator returned, and their layout.

    Args:
        known: those of the data, where it was named.

    Raises:
        Unseen: rows of numbers that are no square image.
    """
    sizes = tuple(output.shape[1:])
    if len(sizes) == 3:
        channels_last = sizes[0] > 4 and sizes[2] in (1, 3, 4)
        return ((sizes[0], sizes[1], sizes[2]), "NHWC") if channels_last else ((sizes[1], sizes[2], sizes[0]), "NCHW")
    if len(sizes) == 2:
        return (sizes[0], sizes[1], 1), "NCHW"
    numbers = math.prod(sizes)
    if known is not None and math.prod(known) == numbers:
        return known, "NCHW"
    if numbers == 2:
        return POINT, "NCHW"
    for channels in (1, 3):
        side = math.isqrt(numbers // channels)
        if channels * side * side == numbers:
            return (side, side, channels), "NCHW"
    raise Unseen(filled(TEXTS["recording.rows"], numbers=numbers))


def noise_of(noise: Tensor) -> tuple[Literal["normal", "uniform", "symmetric"], float]:
    """The distribution that a batch of noise was drawn from, and its scale.

    Raises:
        Unseen: neither a normal nor a uniform one around what is usual.
    """
    if bool(((noise == 0) | (noise == 1)).flatten(1).all(0).any()):
        raise Unseen(TEXTS["recording.noise"])  # such as a one-hot class next to it
    values = noise.float().flatten()
    low, high, mean = values.min().item(), values.max().item(), values.mean().item()
    size = values.square().mean().sqrt().item()
    # Of n values the mean and the size are known to about 1/sqrt(n).
    slack = max(0.05, 3 / math.sqrt(len(values)))
    for kind, bottom, middle in (("uniform", 0.0, 0.5), ("symmetric", -1.0, 0.0)):
        if low >= bottom and high <= 1 and abs(mean - middle) < slack and abs(size - 3**-0.5) < slack:
            return kind, 1.0  # type: ignore[return-value]
    if abs(mean) > size * slack or high <= 1.5 * size:
        raise Unseen(TEXTS["recording.noise"])
    return "normal", 1.0 if abs(size - 1) < slack else size


def labels_of(given: Tensor | None) -> Literal["none", "index", "one-hot"]:
    """What a generator's second argument is.

    Raises:
        Unseen: neither class indices nor one-hot rows.
    """
    if given is None:
        return "none"
    if given.ndim == 1 and not given.is_floating_point():
        return "index"
    ones = given.ndim == 2 and bool(((given == 0) | (given == 1)).all()) and bool((given.sum(1) == 1).all())
    if ones:
        return "one-hot"
    raise Unseen(TEXTS["recording.arguments"])


def range_of(reals: Range, ends_in: str | None) -> tuple[Range, bool]:
    """The values of black and white, and whether they are certain: by the real images, else by G's last operation."""
    for low, high in USUAL:
        slack = NEAR * (high - low)
        if low - slack / 2 <= reals[0] <= low + slack and high - slack <= reals[1] <= high + slack / 2:
            return (low, high), True
    for name, (low, high) in ENDS.items():
        excess = low - reals[0], reals[1] - high
        if ends_in is not None and name in ends_in and min(excess) >= 0 and max(excess) <= 0.75 * (high - low):
            return (low, high), True  # the reals have noise on them
    return reals, False


def networks_of(call: Call, layout: Layout, value_range: Range | None) -> OwnNetworks:
    """How a generator was called.

    Raises:
        Unseen: arguments or noise that cannot be drawn again.
    """
    asked = [tensor for _, tensor in call.asked()]
    kind, scale = noise_of(asked[0])
    noise_shape = tuple(asked[0].shape[1:])
    if math.prod(noise_shape) > 8192:
        raise Unseen(TEXTS["recording.noise"])
    low, high = value_range or (None, None)
    return OwnNetworks(
        latent=math.prod(noise_shape),
        noise=kind,
        scale=scale,
        noise_shape=noise_shape,
        labels=labels_of(asked[1] if len(asked) > 1 else None),
        dtype=_dtype_of(asked[0]),
        layout=layout,
        lowest=low,
        highest=high,
    )


def _dtype_of(noise: Tensor) -> Literal["float32", "float64", "float16", "bfloat16"]:
    name: Any = str(noise.dtype).removeprefix("torch.")
    return name


def weights_of(network: nn.Module) -> Weights:
    """A copy of a network's weights.

    Raises:
        ValueError: lazy layers have none yet.
    """
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def unwrapped(network: nn.Module) -> nn.Module:
    """The user's own module within DataParallel, DistributedDataParallel and `torch.compile`."""
    while True:
        inner = getattr(network, "_orig_mod", None)
        if inner is None and isinstance(network, nn.DataParallel | nn.parallel.DistributedDataParallel):
            inner = network.module
        if not isinstance(inner, nn.Module):
            return network
        network = inner


def last_layer(network: nn.Module) -> str | None:
    """The class of a network's last layer."""
    layers = list(unwrapped(network).modules())
    return type(layers[-1]).__name__ if layers else None


def described(optimizer: torch.optim.Optimizer | None) -> str:
    """An optimiser's class and settings, in short."""
    if optimizer is None:
        return "unknown"
    shown = ("lr", "betas", "alpha", "momentum", "weight_decay")
    group = optimizer.param_groups[0]
    settings = ", ".join(f"{name}={group[name]}" for name in shown if group.get(name) not in (None, 0, 0.0))
    return f"{type(optimizer).__name__}({settings})"
