"""All of a run's callbacks as one, so that a failing one costs neither the run nor a checkpoint."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from ganatomy.errors import GanatomyError
from ganatomy.runs.events import Callback, Due, End, Milestone, Scores, Start, Step

log = logging.getLogger("ganatomy")


class Watchers(Callback):
    """Passes each event to each callback in turn, and drops one that fails."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self._callbacks = list(callbacks)

    def _each(self, call: Callable[[Callback], None]) -> None:
        for callback in list(self._callbacks):
            try:
                call(callback)
            except (GanatomyError, OSError) as error:
                self._callbacks.remove(callback)
                log.warning("%s is off for the rest of this run: %s", type(callback).__name__, error)
            except Exception:
                self._callbacks.remove(callback)
                log.warning("%s failed and is off for the rest of this run:", type(callback).__name__, exc_info=True)

    def on_start(self, event: Start) -> None:
        self._each(lambda callback: callback.on_start(event))

    def on_step(self, event: Step) -> None:
        self._each(lambda callback: callback.on_step(event))

    def on_epoch(self, event: Step) -> None:
        self._each(lambda callback: callback.on_epoch(event))

    def on_milestone(self, event: Milestone) -> None:
        self._each(lambda callback: callback.on_milestone(event))

    def measure(self, event: Due) -> dict[str, float]:
        values: dict[str, float] = {}

        def ask(callback: Callback) -> None:
            if type(callback).measure is Callback.measure:
                return
            # A copy each: what one callback does to it, no other measures, and best/ does not keep.
            event_of_its_own = replace(event, generator=copy.deepcopy(event.generator))
            found = {name: float(value) for name, value in callback.measure(event_of_its_own).items()}
            for name in found:
                if not name.startswith("metric/"):
                    raise ValueError(f"a measured value's name must begin with metric/, found {name!r}")
                if name in values:
                    raise ValueError(f"{name} was measured by another callback already; choose another name")
            values.update(found)

        self._each(ask)
        return values

    def on_scores(self, event: Scores) -> None:
        self._each(lambda callback: callback.on_scores(event))

    def on_checkpoint(self, update: int) -> None:
        self._each(lambda callback: callback.on_checkpoint(update))

    def on_end(self, event: End) -> None:
        self._each(lambda callback: callback.on_end(event))

    def close(self) -> None:
        self._each(lambda callback: callback.close())
