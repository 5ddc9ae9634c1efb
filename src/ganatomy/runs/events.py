"""The events that callbacks receive. They watch and never steer: nothing they do can change a run's numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from torch import nn

from ganatomy.config import Config
from ganatomy.config.resolve import Resolved
from ganatomy.config.timeline import Timeline
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.sampler import Sampler

SAMPLES = 64
"""Images of a milestone."""


@dataclass(frozen=True)
class Start:
    """Training is about to begin, or to continue."""

    config: Config
    resolved: Resolved
    run: RunFolder
    update: int
    """The update that the run stands at; 0 is the untrained network."""
    seconds: float
    """Seconds of training so far."""
    resumed: bool
    """Whether an earlier process wrote to this run: what it wrote after `update` is to be removed."""
    milestones: dict[int, tuple[int, ...]]
    """{update: percentages} of the samples kept so far; with none, those of an earlier, shorter length."""
    generator: nn.Module
    """A copy in eval mode, on the CPU; likewise `discriminator`."""
    discriminator: nn.Module | None
    """None of a loop outside ganatomy."""
    device: str

    def sampler(self, generator: nn.Module, device: str = "cpu") -> Sampler:
        """Draws images of a copy of the run's generator."""
        return Sampler(self.config, self.resolved.class_counts, generator, device)


@dataclass(frozen=True)
class Step:
    """One update of the generator is done."""

    update: int
    epoch: int
    batch: int
    """Batches of this epoch shown so far; the lab's `Step`."""
    batches_per_epoch: int
    images: int
    """Real images drawn since the run began."""
    seconds: float
    """Seconds of training since the run began, over all processes."""
    values: dict[str, float] = field(default_factory=dict)
    """loss/*, score/*, grad/*, epoch_mean/*, speed/*: filled at the updates that are logged, empty at the others."""

    @classmethod
    def at(cls, update: int, timeline: Timeline, seconds: float, values: dict[str, float]) -> Step:
        """The event of an update, its place in the epochs filled in."""
        epoch, batch = timeline.position(update)
        return cls(update, epoch, batch, timeline.batches_per_epoch, timeline.images(update), seconds, values)

    @property
    def record(self) -> dict[str, float | int]:
        """The line of history.jsonl."""
        return {
            "step": self.update,
            "epoch": self.epoch,
            "batch": self.batch,
            "images": self.images,
            "seconds": round(self.seconds, 3),
            **self.values,
        }


@dataclass(frozen=True)
class Milestone:
    """A percentage of the run is reached; 0 is before the first update."""

    update: int
    percents: tuple[int, ...]
    """More than one where the run is so short that they share an update."""
    images: np.ndarray
    """64 samples from the run's fixed noise: N x H x W x C uint8, or N x 1 x 1 x 2 float32 points."""
    generator: nn.Module
    """The copy in eval mode that made them: the moving average where there is one."""


@dataclass(frozen=True)
class Due:
    """An evaluation is due."""

    update: int
    generator: nn.Module
    """A copy in eval mode: the moving average where there is one."""
    device: str


@dataclass(frozen=True)
class Scores:
    """What the callbacks measured at an update."""

    update: int
    epoch: int
    images: int
    seconds: float
    values: dict[str, float]
    """metric/*: all callbacks' together."""
    generator: nn.Module
    """As it was measured: no callback's `measure` has had this very copy."""

    @classmethod
    def at(
        cls, update: int, timeline: Timeline, seconds: float, values: dict[str, float], generator: nn.Module
    ) -> Scores:
        """The event of an update, its place in the epochs filled in."""
        epoch, _ = timeline.position(update)
        return cls(update, epoch, timeline.images(update), seconds, values, generator)

    @property
    def record(self) -> dict[str, float | int]:
        """The line of history.jsonl, next to the one of the losses."""
        return {
            "step": self.update,
            "epoch": self.epoch,
            "images": self.images,
            "seconds": round(self.seconds, 3),
            **self.values,
        }


@dataclass(frozen=True)
class End:
    """The run's last update is done, and its checkpoint comes next; not sent if a signal or an error stopped it."""

    update: int
    seconds: float
    values: dict[str, float]
    """The last logged values."""


class Callback:
    """Override what is of interest. An exception switches the callback off with a warning; the run goes on."""

    def on_start(self, event: Start) -> None: ...

    def on_step(self, event: Step) -> None: ...

    def on_epoch(self, event: Step) -> None: ...

    def on_milestone(self, event: Milestone) -> None: ...

    def measure(self, event: Due) -> dict[str, float]:
        """{`metric/NAME`: number} of the generator, every `train.evaluate_every` updates, for the run's history.

        The names must be no other callback's.
        """
        return {}

    def on_scores(self, event: Scores) -> None: ...

    def on_checkpoint(self, update: int) -> None:
        """A checkpoint is about to be written: put to disk what was received so far, because a resumed run does not send it again."""

    def on_end(self, event: End) -> None: ...

    def close(self) -> None:
        """Called last, whatever happened."""
