"""What a study has found so far: every trial with its state, read from run folders and from the study's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from ganatomy import paths
from ganatomy.errors import GanatomyError
from ganatomy.evaluation import Evaluation
from ganatomy.runs.run import Run
from ganatomy.studies.budget import Budget
from ganatomy.studies.failure import Failure
from ganatomy.studies.plan import Study, weights_of

State = Literal["waiting", "finished", "failed"]


@dataclass(frozen=True)
class Trial:
    """One arm with one seed under one budget: an ordinary run in an ordinary run folder."""

    arm: str
    budget: Budget
    seed: int
    path: Path
    """The run's folder; not there yet while the trial waits."""
    command: str
    """What trains this run by hand, to the same bits."""
    state: State
    failure: Failure | None = None
    """Why it failed; None if it did not."""

    @property
    def diverged(self) -> bool:
        """Whether it failed because a loss or a gradient was not finite: a result of its settings, which a full disk or a
        killed process is not.
        """
        return self.failure is not None and self.failure.kind == "diverged"

    @property
    def reason(self) -> str | None:
        """Why it failed, in words; None if it did not."""
        return None if self.failure is None else self.failure.reason

    @cached_property
    def run(self) -> Run:
        """Raises GanatomyError where there is no run yet."""
        return Run(self.path)

    def scores(self, point: str) -> Evaluation | None:
        """The scores at a point ("50%", "best"); None where it was not scored, as in a run that failed before."""
        file = self.run.folder.metrics_of(weights_of(point))
        try:
            return Evaluation.of_tree(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise GanatomyError(
                f"{file} is not what ganatomy wrote: {error}; remove it and run the study again"
            ) from error


@dataclass(frozen=True)
class Results:
    """A study and its trials."""

    study: Study
    trials: tuple[Trial, ...]
    """In the order budget, seed, arm; every trial of the plan, whatever its state."""

    def select(self, arm: str | None = None, budget: Budget | None = None) -> Iterator[Trial]:
        """The trials of an arm, under a budget, or all."""
        for trial in self.trials:
            if arm in (None, trial.arm) and budget in (None, trial.budget):
                yield trial

    def values(self, metric: str, budget: Budget, point: str = "100%") -> dict[str, dict[int, float]]:
        """{arm: {seed: value}} of a metric; what has no such score (failed, waiting, not measured) is left out.

        Raises:
            GanatomyError: runs on the same data were scored in different ways meanwhile, by another study or by hand.
        """
        found: dict[str, dict[int, float]] = {arm.name: {} for arm in self.study.arms}
        references: dict[str, set[str]] = {}
        for trial in self.select(budget=budget):
            scores = trial.scores(point) if trial.state == "finished" else None
            if scores is not None and metric in scores.metrics:
                found[trial.arm][trial.seed] = scores.metrics[metric].value
                references.setdefault(scores.data, set()).add(scores.reference)
        mixed = [data for data, each in references.items() if len(each) > 1]
        if mixed:
            raise GanatomyError(
                f"the runs on {', '.join(mixed)} were not all scored alike (their metrics files differ in n or features); "
                f"run the study again, which scores them anew: {paths.command('ganatomy', 'study', self.study.name)}"
            )
        return found
