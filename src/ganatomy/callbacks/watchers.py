"""All of a run's callbacks as one, so that a failing one costs neither the run nor a checkpoint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ganatomy.callbacks.base import Callback, Due, End, Milestone, Scores, Start, Step

log = logging.getLogger("ganatomy")


class Watchers(Callback):
    """Tells each callback in turn, and drops one that fails."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self._callbacks = list(callbacks)

    def _tell(self, tell: Callable[[Callback], None]) -> None:
        for callback in list(self._callbacks):
            try:
                tell(callback)
            except Exception:
                self._callbacks.remove(callback)
                log.warning("%s failed and is off for the rest of this run:", type(callback).__name__, exc_info=True)

    def on_start(self, event: Start) -> None:
        self._tell(lambda callback: callback.on_start(event))

    def on_step(self, event: Step) -> None:
        self._tell(lambda callback: callback.on_step(event))

    def on_epoch(self, event: Step) -> None:
        self._tell(lambda callback: callback.on_epoch(event))

    def on_milestone(self, event: Milestone) -> None:
        self._tell(lambda callback: callback.on_milestone(event))

    def measure(self, event: Due) -> dict[str, float]:
        values: dict[str, float] = {}
        self._tell(lambda callback: values.update(callback.measure(event)))
        return values

    def on_scores(self, event: Scores) -> None:
        self._tell(lambda callback: callback.on_scores(event))

    def on_checkpoint(self, update: int) -> None:
        self._tell(lambda callback: callback.on_checkpoint(update))

    def on_end(self, event: End) -> None:
        self._tell(lambda callback: callback.on_end(event))

    def close(self) -> None:
        self._tell(lambda callback: callback.close())
