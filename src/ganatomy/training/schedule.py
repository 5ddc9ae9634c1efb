"""What is due after an update: the log line, the scores, the checkpoint, the end of the run; and how far the run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganatomy.config import Train
from ganatomy.config.timeline import Timeline
from ganatomy.errors import UsageError
from ganatomy.objectives import Objective


@dataclass(frozen=True)
class Schedule:
    """Says so by the number of updates and the seconds of training so far."""

    train: Train
    timeline: Timeline

    def logs(self, update: int, seconds: float) -> bool:
        return self.timeline.is_logged(update, self.train.log_every) or self.is_over(update, seconds)

    def may_log(self, update: int) -> bool:
        """Whether `logs` may be true once the update is done; only a run that ends by the clock does not know before."""
        total = self.timeline.total_updates
        return total is None or update >= total or self.timeline.is_logged(update, self.train.log_every)

    def evaluates(self, update: int) -> bool:
        return self.train.evaluate_every > 0 and update % self.train.evaluate_every == 0

    def saves(self, update: int) -> bool:
        return update % self.train.checkpoint_every == 0

    def waits(self, update: int, seconds: float) -> bool:
        """Whether the device's numbers are needed now, or a clock that is right: else the host may run ahead of a GPU."""
        ends_by_the_clock = self.timeline.total_updates is None
        return ends_by_the_clock or self.logs(update, seconds) or self.evaluates(update) or self.saves(update)

    def is_over(self, update: int, seconds: float) -> bool:
        if self.timeline.total_updates is not None:
            return update >= self.timeline.total_updates
        return seconds >= (self.train.seconds or 0)


class Progress:
    """`batch.progress`: 0 in the first update, 1 in the last. Remembers whether the loss has read it."""

    def __init__(self, objective: Objective, timeline: Timeline) -> None:
        self._objective = objective.name
        self._total = timeline.total_updates
        self._was_read = False

    def before(self, update: int) -> float:
        """The progress that an update's losses see.

        Raises:
            UsageError: the run ends by the clock, so how far it is cannot be known.
        """
        if self._total is None:
            raise UsageError(
                f"objective={self._objective} reads batch.progress, so the run's length must be known beforehand; set "
                "train.epochs or train.updates, not train.seconds"
            )
        self._was_read = True
        return (update - 1) / max(self._total - 1, 1)

    def state(self) -> dict[str, Any]:
        """For the checkpoint: the losses are then a function of the run's length, which may not change."""
        return {"reads_progress": True} if self._was_read else {}

    def restore(self, state: dict[str, Any]) -> None:
        self._was_read = state.get("reads_progress", False)
