"""The search: asks Optuna for settings, has them trained, watches the runs, and tells Optuna what came of them."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ganatomy.config import Config, recipe
from ganatomy.errors import GanatomyError
from ganatomy.runs.folder import RunFolder
from ganatomy.studies import jobs
from ganatomy.studies.failure import Failure
from ganatomy.studies.jobs import Job
from ganatomy.studies.sweep import storage as storing
from ganatomy.studies.sweep.diagnosis import diagnose
from ganatomy.studies.sweep.plan import SECONDS, Sweep
from ganatomy.studies.sweep.space import words_of

LOOKS = 1.0
"""Seconds between two looks at a run, and between two questions whether there is something to do."""

SEED, SETTINGS, RUN, CAUSE, FACTS = "seed", "settings", "run", "cause", "facts"
"""The attributes of a trial."""

_ORIGIN = "failed_trial"
"""Optuna's attribute of a trial that repeats a lost one."""


@dataclass
class _Running:
    trial: Any
    reported: set[int] = field(default_factory=set)
    looked: float = 0.0
    signed: float = 0.0


class Search:
    """The work of one worker on a sweep; any number of them share a database."""

    def __init__(
        self,
        sweep: Sweep,
        storage: storing.Storage,
        pool: Path,
        changed: Callable[[], None] = lambda: None,
        worker: int = 0,
    ) -> None:
        """
        Args:
            pool: the folder of the runs.
            changed: called whenever a trial begins or ends.
            worker: 0 for the one that began the sweep; another number for those that joined.
        """
        self.sweep = sweep
        self.study = storage.study(sweep)
        self._storage = storage
        self._pool = pool
        self._changed = changed
        self._worker = worker
        self._running: dict[str, _Running] = {}
        self._next_ask = 0.0
        self._next_count = 0.0
        self._config: Config = sweep.config()

    # ---- as Work

    def next(self) -> Job | None:
        if time.monotonic() < self._next_ask:
            return None
        trials = self._trials()
        states = storing.library().trial.TrialState
        waiting = any(trial.state == states.WAITING for trial in trials)
        if not waiting and sum(_counts(trial) for trial in trials) >= self.sweep.trials:
            self._next_ask = time.monotonic() + LOOKS
            return None
        return self._begin(len(trials))

    def is_done(self) -> bool:
        if self._running or time.monotonic() < self._next_count:
            return False
        self._next_count = time.monotonic() + LOOKS
        storing.library().storages.fail_stale_trials(self.study)
        trials = self._trials()
        return sum(_counts(trial) for trial in trials) >= self.sweep.trials and all(
            trial.state.is_finished() for trial in trials
        )

    def look(self, job: Job) -> Failure | None:
        running, now = self._running[job.path], time.monotonic()
        if now - running.looked < LOOKS:
            return None
        running.looked = now
        if now - running.signed >= self._storage.heartbeat:
            running.signed = now
            self._storage.rdb.record_heartbeat(running.trial._trial_id)
            storing.library().storages.fail_stale_trials(self.study)
        folder = RunFolder(Path(job.path))
        if not folder.history_file.is_file() or not folder.config.is_file():
            return None
        history = folder.history()
        cause = self._report(running, history, folder)
        if cause is None and self.sweep.diagnosed and history:
            cause = diagnose(history, self._progress(history[-1], folder), self._classes)
        return None if cause is None else Failure(cause, "pruned")

    def ended(self, job: Job, failure: Failure | None) -> None:
        trial = self._running.pop(job.path).trial
        states = storing.library().trial.TrialState
        facts, values = self._result(Path(job.path))
        trial.set_user_attr(FACTS, facts)
        if failure is None and values is not None:
            self.study.tell(trial, values, skip_if_finished=True)
        elif failure is None or failure.kind in ("diverged", "pruned"):
            # A result of these settings: the sampler counts a pruned trial as a bad one, and forgets a failed one.
            cause = failure.reason if failure is not None and failure.kind == "pruned" else "diverged"
            trial.set_user_attr(CAUSE, cause)
            self.study.tell(trial, state=states.PRUNED, skip_if_finished=True)
        else:
            trial.set_user_attr(CAUSE, failure.reason)
            self.study.tell(trial, state=states.FAIL, skip_if_finished=True)
        self._changed()

    def interrupted(self, job: Job) -> None:
        """Give the trial back, so that whoever continues the sweep takes it up from its checkpoint."""
        trial = self._running.pop(job.path).trial
        library = storing.library()
        self.study.tell(trial, state=library.trial.TrialState.FAIL, skip_if_finished=True)
        lost = next(each for each in self.study.get_trials() if each.number == trial.number)
        library.storages.RetryHeartbeatStaleTrialCallback()(self.study, lost)

    # ---- one trial

    def _begin(self, position: int) -> Job | None:
        self.study.sampler = storing.sampler(self.sweep, position, self._worker)
        trial = self.study.ask()
        if self._is_surplus(trial.number):
            # Another worker asked at the same moment.
            self.study.tell(trial, state=storing.library().trial.TrialState.FAIL)
            return None
        drawn = self.sweep.space.suggest(trial, self._config)
        if SEED not in trial.user_attrs:
            # That of the lost trial which this one repeats comes with it: the run is the same, and goes on.
            trial.set_user_attr(SEED, trial.number)
        seed = int(trial.user_attrs[SEED])
        words = words_of(drawn, self._config)
        trial.set_user_attr(SETTINGS, list(words))
        arm = self.sweep.arm(f"trial-{seed}", [*self._spacing(words), *words])
        try:
            (job,) = jobs.plan(self.sweep.study("search", [arm], [seed]), self._pool)
        except GanatomyError as error:
            trial.set_user_attr(CAUSE, str(error))
            self.study.tell(trial, state=storing.library().trial.TrialState.FAIL)
            return None
        trial.set_user_attr(RUN, Path(job.path).name)
        self._storage.rdb.record_heartbeat(trial._trial_id)
        self._running[job.path] = _Running(trial, signed=time.monotonic())
        self._changed()
        return job

    def _spacing(self, words: Sequence[str]) -> list[str]:
        """The setting that has a quick evaluation at every tenth of the budget; none where only the clock knows."""
        if self.sweep.budget.kind == "seconds" or any(
            word.startswith("train.evaluate_every=") for word in self.sweep.words
        ):
            return []
        updates = self.sweep.budget.amount
        if self.sweep.budget.kind == "images":
            config = recipe.load(self.sweep.recipe, [*self.sweep.words, self.sweep.length, *words])
            objective = config.objective
            updates /= config.train.batch * (1 if objective.shares_real_batch else objective.critic_steps)
        return [f"train.evaluate_every={math.ceil(updates / 10)}"]

    def _is_surplus(self, number: int) -> bool:
        """Whether there are enough trials without this one; a repetition of a lost one is always needed."""
        own = [trial.number for trial in self._trials() if _counts(trial)]
        return number in own and sum(other < number for other in own) >= self.sweep.trials

    def _trials(self) -> list[Any]:
        found: list[Any] = self.study.get_trials(deepcopy=False)
        return found

    def _report(self, running: _Running, history: list[dict[str, Any]], folder: RunFolder) -> str | None:
        """Report the quick evaluations at every tenth of the budget; "pruned" if others do better."""
        if not self.sweep.is_pruned:
            return None
        key = f"metric/{self.sweep.metrics[0]}"
        for line in history:
            if key not in line or not math.isfinite(line[key]):
                continue
            tenth = math.floor(10 * self._progress(line, folder) + 1e-9)
            if tenth >= 1 and tenth not in running.reported and tenth < 10:
                running.reported.add(tenth)
                running.trial.report(line[key], 10 * tenth)
                if running.trial.should_prune():
                    return "pruned"
        return None

    def _progress(self, line: dict[str, Any], folder: RunFolder) -> float:
        """How much of its budget a run had used at a line of its history, from 0 to 1."""
        config, resolved = folder.read_config()
        total = resolved.get("updates")
        return float(line["step"] / total if total else line["seconds"] / config["train"]["seconds"])

    @cached_property
    def _classes(self) -> int | None:
        return len(self._config.data.load().classes) or None

    def _result(self, path: Path) -> tuple[dict[str, Any], list[float] | None]:
        """What is known of a run that ended: facts for tables, and the sought values where all are finite."""
        updates, seconds = spent(path)
        facts: dict[str, Any] = {"updates": updates, SECONDS: seconds}
        try:
            found = json.loads(RunFolder(path).metrics_of("last").read_text(encoding="utf-8"))["metrics"]
        except (OSError, ValueError, KeyError):
            return facts, None
        facts["metrics"] = {name: scored["value"] for name, scored in found.items()}
        known = {**facts["metrics"], SECONDS: facts[SECONDS]}
        values = [known.get(metric, math.nan) for metric in self.sweep.metrics]
        return facts, values if all(map(math.isfinite, values)) else None


def spent(run: Path) -> tuple[int, float]:
    """Updates and seconds of training of a run so far."""
    folder = RunFolder(run)
    history = folder.history() if folder.config.is_file() else []
    return (int(history[-1]["step"]), float(history[-1]["seconds"])) if history else (0, 0.0)


def _counts(trial: Any) -> bool:
    """Whether it is a trial of its own, and not the repetition of a lost one."""
    return _ORIGIN not in trial.system_attrs
