"""What a sweep has found so far: every trial with its settings, state and cause, and what its repetitions came to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.studies.sweep.plan import SECONDS, Sweep, lower_is_better

State = Literal["complete", "pruned", "failed", "running", "waiting"]

ARM_OF_RECIPE = "recipe"
"""The arm of the final comparison that is the recipe as it is."""


@dataclass(frozen=True, kw_only=True)
class SweepTrial:
    """One try."""

    number: int
    state: State
    cause: str | None
    """Why it was pruned or failed: `pruned` (others do better), `collapsed`, `dead generator`, `diverged`, or an error's text."""
    seed: int | None
    params: dict[str, Any]
    """{parameter: value}, those that were searched in it."""
    settings: tuple[str, ...]
    """The same as changes to the recipe, `key=value`."""
    metrics: dict[str, float]
    """The run's scores at its end; empty where it did not come to that."""
    seconds: float
    """Of training."""
    updates: int
    run: str | None
    """The name of the run's folder."""

    def value(self, metric: str) -> float | None:
        return self.seconds if metric == SECONDS and self.metrics else self.metrics.get(metric)


@dataclass(frozen=True, kw_only=True)
class Importance:
    """How much of the sought metric's variation one setting explains (PED-ANOVA), between 0 and 1."""

    parameter: str
    value: float
    low: float
    high: float
    """The 95 % percentile interval over trials drawn anew with replacement."""


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """Settings with several seeds."""

    name: str
    """`recipe`, or `trial-7`."""
    settings: tuple[str, ...]
    seeds: tuple[int, ...]
    metrics: dict[str, dict[str, float]]
    """{metric: {seed: value}} at the end of the runs."""
    seconds: dict[str, float]
    """{seed: seconds of training}."""
    failed: dict[str, str]
    """{seed: why that run failed}."""
    runs: dict[str, str]
    """{seed: the name of the run's folder}."""

    def values(self, metric: str) -> list[float]:
        return list((self.seconds if metric == SECONDS else self.metrics.get(metric, {})).values())

    def mean(self, metric: str) -> float | None:
        found = self.values(metric)
        return sum(found) / len(found) if found else None


@dataclass(frozen=True, kw_only=True)
class SweepResults:
    """A sweep as it stands. `tree` is what results.json holds."""

    sweep: Sweep
    trials: tuple[SweepTrial, ...]
    importance: tuple[Importance, ...] = ()
    leaders: tuple[Repeated, ...] = ()
    """The best trials with fresh seeds, best first."""
    final: tuple[Repeated, ...] = ()
    """The winner, then the recipe as it is, with seeds that nothing was chosen on."""
    environment: dict[str, Any] = field(default_factory=dict)
    """What it ran on."""

    @property
    def ranked(self) -> list[SweepTrial]:
        """The complete trials, best first."""
        metric = self.sweep.metrics[0]
        sign = 1 if lower_is_better(metric) else -1
        done = [trial for trial in self.trials if trial.state == "complete" and trial.value(metric) is not None]
        return sorted(done, key=lambda trial: (sign * (trial.value(metric) or 0.0), trial.number))

    @property
    def unfinished(self) -> list[SweepTrial]:
        """The trials that did not come to their end, or not yet."""
        done = self.ranked
        return [trial for trial in self.trials if trial not in done]

    @property
    def front(self) -> list[SweepTrial]:
        """The complete trials that no other beats in every sought metric."""
        signs = [1 if lower_is_better(metric) else -1 for metric in self.sweep.metrics]

        def costs(trial: SweepTrial) -> list[float]:
            return [sign * (trial.value(metric) or 0.0) for sign, metric in zip(signs, self.sweep.metrics, strict=True)]

        return [
            trial
            for trial in self.ranked
            if not any(
                all(a <= b for a, b in zip(costs(other), costs(trial), strict=True)) and costs(other) != costs(trial)
                for other in self.ranked
            )
        ]

    @property
    def causes(self) -> dict[str, int]:
        """{cause: trials} of those that did not come to their end; all errors are one."""
        named = ("pruned", "collapsed", "dead discriminator", "dead generator", "diverged")
        found = Counter(
            trial.cause if trial.cause in named else "error"
            for trial in self.trials
            if trial.state in ("pruned", "failed")
        )
        return dict(found.most_common())

    @property
    def winner(self) -> Repeated | None:
        """The best of the repeated leaders."""
        return self.leaders[0] if self.leaders else None

    @property
    def seconds(self) -> float:
        """Of training, over all runs."""
        repeated = [*self.leaders, *self.final]
        return sum(trial.seconds for trial in self.trials) + sum(sum(each.seconds.values()) for each in repeated)

    @property
    def tree(self) -> dict[str, Any]:
        found = asdict(self)
        found["sweep"] = TypeAdapter(Sweep).dump_python(self.sweep, mode="json")
        return found

    @staticmethod
    def is_at(path: Path) -> bool:
        """Whether a folder, or a file, is a sweep's."""
        file = path / "results.json" if path.is_dir() else path
        try:
            return file.suffix == ".json" and "sweep" in json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError):
            return False

    @classmethod
    def read(cls, path: Path) -> SweepResults:
        """From a sweep's folder, or from its results.json.

        Raises:
            GanatomyError: there is none, or it is nothing that a sweep writes.
        """
        file = path / "results.json" if path.is_dir() else path
        try:
            return TypeAdapter(cls).validate_python(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise GanatomyError(
                f"{path} holds no sweep (there is no {file.name}); make one: ganatomy sweep gan"
            ) from error
        except (OSError, ValueError) as error:
            raise GanatomyError(f"{file} is not what ganatomy sweep writes: {error}") from error

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(file, json.dumps(self.tree, indent=1, ensure_ascii=False) + "\n")
