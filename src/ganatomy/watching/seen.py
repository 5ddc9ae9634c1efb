"""What was seen of a training loop: the calls of its networks, backward passes and optimiser steps of an iteration."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

Role = Literal["G", "D"]
ROLES: tuple[Role, ...] = ("G", "D")
OTHER: dict[Role, Role] = {"G": "D", "D": "G"}
Kind = Literal["fake", "mixed", "other"]


@dataclass(frozen=True)
class Line:
    """A line of the user's file."""

    file: str
    number: int
    kept: str | None = None
    """What stood there, where it was written down; unset: what stands there now."""

    @property
    def text(self) -> str:
        return linecache.getline(self.file, self.number).strip() if self.kept is None else self.kept

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.text}"


@dataclass(eq=False)
class Made:
    """A call of G."""

    noise: bytes | None
    """The first rows of the noise; None where the first argument is no tensor of floats."""
    rows: Tensor
    """The first of its images, flat, on the CPU; none any more where later calls have made enough to compare with."""
    mean: Tensor
    """Their mean image."""
    size: int
    """Images in the batch."""
    low: float
    high: float
    spread: float
    """Mean standard deviation of a pixel over the batch."""
    ends_in: str | None
    """The last operation, as autograd names it ("Tanh"); None where there is no graph."""
    differentiable: bool
    training: bool
    line: Line | None


@dataclass(eq=False)
class Judged:
    """A call of D."""

    kind: Kind
    fakes: slice
    """The rows that are G's images."""
    exact: bool
    """Whether they are G's images to the bit, without noise or the like."""
    digest: bytes
    """Of the images."""
    low: float
    high: float
    pixels: int
    """Numbers in an image."""
    spread: float
    """Mean standard deviation of a pixel over the batch."""
    scores: Tensor
    """Images x outputs, on the CPU."""
    shape: tuple[int, ...]
    """Of the output."""
    ends_in: str | None
    differentiable: bool
    """Whether the score has a graph."""
    attached: bool
    """Whether the images have a graph."""
    training: bool
    source: Made | None
    """The call of G that made its fakes, where their values tell."""
    line: Line | None
    pushes: list[tuple[int, Tensor]] = field(default_factory=list)
    """(backward pass, dloss/dscore) for each pass that reached the scores."""

    @property
    def reals(self) -> slice:
        """The rows that are not G's images."""
        if self.kind == "other":
            return slice(None)
        start, stop, _ = self.fakes.indices(len(self.scores))
        return slice(0, start) if start else slice(stop, None)


@dataclass(eq=False)
class Pass:
    """A backward pass that put gradients into a network's parameters."""

    number: int
    reached: set[Role] = field(default_factory=set)
    line: Line | None = None
    role: Role | None = None
    """Whose loss it differentiated."""


@dataclass(eq=False)
class Stepped:
    """An optimiser's step."""

    roles: tuple[Role, ...]
    """Whose parameters the optimiser has."""
    optimizer: int
    """The optimiser's number, in the order of their first steps."""
    used: dict[Role, list[int]]
    """The backward passes whose gradients the parameters held, since they were last cleared."""
    cleared: dict[Role, bool]
    """Whether the gradients were cleared since the last step."""
    wiped: dict[Role, bool]
    """Whether there were gradients since the last step, and they were cleared before this one."""
    change: dict[Role, tuple[float, float]]
    """Of the weight matrices: norm of the change over their norm, and their norm over the first one; empty if not measured."""
    slope: dict[Role, float]
    """The largest gradient of a weight matrix; empty where it was not measured."""
    line: Line | None


@dataclass(eq=False)
class Written:
    """Weights that something else than an optimiser changed after a step, as clipping does."""

    role: Role
    changed: bool
    largest: float
    """The largest absolute value of a weight afterwards."""
    at_largest: int
    """How many of the weights have it."""


@dataclass(eq=False)
class Units:
    """A layer behind a ReLU."""

    role: Role
    layer: str
    dead: float
    """The share of its units that are 0 for the whole batch."""


Event = Made | Judged | Pass | Stepped | Written | Units


@dataclass(eq=False)
class Iteration:
    """What happened between two calls of `watch.step`."""

    number: int
    events: list[Event] = field(default_factory=list)
    losses: dict[Role, float] = field(default_factory=dict)
    covers: dict[Role, list[Judged]] = field(default_factory=dict)
    """The calls of D that a loss was computed from, where the loss came with its graph."""
    squares: list[tuple[Role, tuple[int, ...]]] = field(default_factory=list)
    """B x B tensors between B scores and a loss."""
    line: Line | None = None

    @property
    def made(self) -> list[Made]:
        return [event for event in self.events if isinstance(event, Made)]

    @property
    def judged(self) -> list[Judged]:
        return [event for event in self.events if isinstance(event, Judged)]

    @property
    def passes(self) -> list[Pass]:
        return [event for event in self.events if isinstance(event, Pass)]

    @property
    def scores(self) -> dict[str, float]:
        """D's mean scores, `score/real` and `score/fake`, in its last step that has both; a penalty's images come after them."""
        found: dict[str, float] = {}
        last: dict[str, float] = {}
        for event in self.events:
            if isinstance(event, Judged) and event.kind == "mixed":
                found.setdefault("score/real", event.scores[event.reals].mean().item())
                found.setdefault("score/fake", event.scores[event.fakes].mean().item())
            elif isinstance(event, Judged):
                found.setdefault("score/real" if event.kind == "other" else "score/fake", event.scores.mean().item())
            elif isinstance(event, Stepped) and "D" in event.roles:
                last, found = (found, {}) if len(found) == 2 else (last, {})
        return last

    def steps(self, role: Role) -> list[Stepped]:
        return [event for event in self.events if isinstance(event, Stepped) and role in event.roles]

    def pushed(self, role: Role) -> Iterator[tuple[Judged, Tensor]]:
        """(call of D, dloss/dscore) for the backward passes of a network's loss."""
        numbers = {each.number for each in self.passes if each.role == role}
        for call in self.judged:
            for number, push in call.pushes:
                if number in numbers:
                    yield call, push
