"""What is due after an update: the log line, the scores, the checkpoint, the end of the run."""

from __future__ import annotations

from dataclasses import dataclass

from ganatomy.config import Train
from ganatomy.config.timeline import Timeline


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
