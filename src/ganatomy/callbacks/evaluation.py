"""Quick scores while a run trains, their cost, and the weights that scored best."""

from __future__ import annotations

import logging
import time
from functools import cached_property

from ganatomy import atomic, randomness
from ganatomy.data import Dataset
from ganatomy.errors import UsageError
from ganatomy.evaluation.measures import MEASURES
from ganatomy.evaluation.reference import LEAST, Reference
from ganatomy.runs import checkpoint
from ganatomy.runs.events import Callback, Due, End, Scores, Start

SAMPLES = 1000
"""Generated images of a quick evaluation, and real ones; FIDs of another number are no match for these."""

METRICS = ("fid", "coverage", "classes_found", "modes_found", "high_quality")
"""Of these, what the data allows."""

log = logging.getLogger("ganatomy")


class QuickEvaluation(Callback):
    """Scores a copy of the generator (its moving average where there is one) on the same noise each time.

    The scores go into the run's log line under `metric/NAME`; the weights with the best `train.best` into best/.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._start: Start | None = None
        self._began = time.perf_counter()
        self._seconds = 0.0
        self._count = 0
        self._best: float | None = None
        self._superseded: list[int] = []
        self._ended_at: int | None = None

    @property
    def start(self) -> Start:
        assert self._start is not None
        return self._start

    @cached_property
    def reference(self) -> Reference:
        return Reference.ready(self.start.config.data, self._dataset, SAMPLES)

    def on_start(self, event: Start) -> None:
        self._start = event
        self._began = time.perf_counter()
        for record in event.run.history():
            value = record.get(self._key)
            if value is not None and self._is_better(value):
                self._best = value

    @property
    def _key(self) -> str:
        return f"metric/{self.start.config.train.best}"

    def _is_better(self, value: float) -> bool:
        if self._best is None:
            return True
        lower = MEASURES[self.start.config.train.best].better == "lower"
        return value < self._best if lower else value > self._best

    def measure(self, event: Due) -> dict[str, float]:
        began = time.perf_counter()
        config, reference = self.start.config, self.reference
        if reference.n < LEAST:
            raise UsageError(f"data={config.data.name} has too few images for quick evaluations: {reference.n} a side")
        metrics = [name for name in METRICS if MEASURES[name].needs in reference.available]
        # Not the noise of `ganatomy evaluate`, which would then flatter the weights that were chosen on it.
        seed = randomness.derive(config.seed, "evaluation")
        made = self.start.sampler(event.generator, event.device).draw(reference.n, seed)
        values = reference.score(made, metrics).values
        if not self._count:
            if reference.fid_warning:
                log.warning("the quick evaluations: %s", reference.fid_warning)
            if config.train.best not in values:
                log.warning("no best weights are kept: data=%s has no metric %s", config.data.name, config.train.best)
        self._seconds += time.perf_counter() - began
        self._count += 1
        return {f"metric/{name}": value for name, value in values.items()}

    def on_scores(self, event: Scores) -> None:
        value = event.values.get(self._key)
        if value is not None and self._is_better(value):
            self._best = value
            state = {"update": event.update, "metric": self.start.config.train.best, "value": value}
            weights = {"generator": dict(event.generator.state_dict())}
            checkpoint.save(self.start.run.best_step(event.update), weights, state)

    def on_checkpoint(self, update: int) -> None:
        """Remove what was no longer the best at the checkpoint before: a killed run continues from either of the two."""
        self._remove(self._superseded)
        self._superseded = self.start.run.best_updates()[:-1]

    def close(self) -> None:
        if self._ended_at is not None and self.start.run.checkpoint_updates()[-1:] == [self._ended_at]:
            self._remove(self.start.run.best_updates()[:-1])

    def _remove(self, updates: list[int]) -> None:
        for update in updates:
            try:
                atomic.remove(self.start.run.best_step(update))
            except OSError as error:  # on Windows, while another program reads it
                log.warning("%s stays, because it cannot be removed: %s", self.start.run.best_step(update), error)

    def on_end(self, event: End) -> None:
        self._ended_at = event.update
        if self._count:
            every = self.start.config.train.evaluate_every
            share = self._seconds / (time.perf_counter() - self._began)
            log.info(
                "%d quick evaluations of %d samples took %.1f s, %.1f %% of the time%s",
                self._count,
                self.reference.n,
                self._seconds,
                100 * share,
                f" (train.evaluate_every={every})" if every else "",
            )
