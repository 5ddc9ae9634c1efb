"""A trial as the report needs it: what can be read of its folder, and in words what cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ganatomy.config import Config, flat
from ganatomy.errors import GanatomyError
from ganatomy.evaluation import Evaluation
from ganatomy.report import texts
from ganatomy.report.outside import OutsideTrial
from ganatomy.report.wording import filled, plain
from ganatomy.runs.folder import Record, RunFolder
from ganatomy.studies.results import Results, Trial
from ganatomy.watching.finding import Findings
from ganatomy.words import Words


@dataclass(frozen=True)
class Seen:
    """One trial; nothing here raises, whatever state its folder is in."""

    trial: Trial
    number: int
    """Its place among the study's trials."""
    points: tuple[str, ...]
    """Where it may have been scored."""

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.trial.path)

    @property
    def trained(self) -> bool:
        """Whether it is a run: images from elsewhere have scores and nothing else."""
        return not isinstance(self.trial, OutsideTrial)

    @property
    def counts(self) -> bool:
        """Whether its scores go into means: those of unfinished runs do not."""
        return self.trial.state == "finished"

    @cached_property
    def _config(self) -> Config | GanatomyError | None:
        if not self.folder.config.is_file():
            return None
        try:
            return self.trial.run.config
        except GanatomyError as error:
            return error

    @property
    def config(self) -> Config | None:
        """None where the run has not begun, or its settings cannot be read."""
        return self._config if isinstance(self._config, Config) else None

    @cached_property
    def toml(self) -> str | None:
        """The text of its config.toml."""
        try:
            return self.folder.config.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """What the data decided, dotted names; empty where that cannot be read."""
        try:
            return flat(self.folder.read_config()[1])
        except (GanatomyError, OSError, AttributeError):
            return {}

    @cached_property
    def history(self) -> list[Record]:
        """The log lines; none where there is no run."""
        return [record for record in self._records if not _has(record, "metric/")]

    @cached_property
    def quick(self) -> list[Record]:
        """The quick evaluations made while it trained."""
        return [record for record in self._records if _has(record, "metric/")]

    @cached_property
    def _records(self) -> list[Record]:
        try:
            found = self.folder.history()
        except OSError:
            return []
        return [record for record in found if isinstance(record, dict) and isinstance(record.get("step"), int)]

    @cached_property
    def environments(self) -> list[Record]:
        found = self.folder.environments()
        return [session for session in found if isinstance(session, dict)] if isinstance(found, list) else []

    @cached_property
    def _scores(self) -> dict[str, Evaluation | GanatomyError | None]:
        return {point: self._scores_at(point) for point in self.points}

    def _scores_at(self, point: str) -> Evaluation | GanatomyError | None:
        if self.trained and not self.folder.config.is_file():
            return None
        try:
            return self.trial.scores(point)
        except GanatomyError as error:
            return error

    def scores(self, point: str) -> Evaluation | None:
        """The scores at a point; None where there are none that can be read."""
        found = self._scores.get(point)
        return found if isinstance(found, Evaluation) else None

    @cached_property
    def diagnosis(self) -> Findings | None:
        """What was found in its loop; None where nobody looked, or where that cannot be read."""
        try:
            return Findings.read(self.folder.diagnosis)
        except GanatomyError:
            return None

    @property
    def update(self) -> int:
        """The last update that was logged."""
        return max((record["step"] for record in self._records), default=0)

    @property
    def total_updates(self) -> int | None:
        """Its planned length; None where seconds decide, or where it has not begun."""
        total = self.resolved.get("updates")
        return total if isinstance(total, int) else None

    @property
    def seconds(self) -> float:
        """Of training so far."""
        return float(self.history[-1].get("seconds", 0.0)) if self.history else 0.0

    @property
    def images_a_second(self) -> float | None:
        """Real images drawn a second of training, over the whole run; None before the first log line."""
        return self.history[-1]["images"] / self.seconds if self.seconds > 0 else None

    @property
    def progress(self) -> Words:
        """How far it is, in words."""
        if not self.folder.config.is_file():
            return texts.NOT_BEGUN
        wanted = self.config.train.seconds if self.config else None
        if self.total_updates is not None:
            return filled(texts.AT_UPDATE_OF, update=f"{self.update:,}", total=f"{self.total_updates:,}")
        if wanted is not None:
            return filled(texts.AT_SECOND_OF, now=f"{self.seconds:.0f}", total=f"{wanted:.0f}")
        return filled(texts.AT_UPDATE, update=f"{self.update:,}")

    @property
    def reasons(self) -> list[Words]:
        """Why it failed, and what of it cannot be read; the messages are as ganatomy wrote them."""
        found = [plain(self.trial.reason)] if self.trial.reason else []
        errors = [self._config, *self._scores.values()]
        return found + [
            filled(texts.UNREADABLE, reason=str(error)) for error in errors if isinstance(error, GanatomyError)
        ]


def seen(results: Results) -> list[Seen]:
    """All trials of a study in its order."""
    return [Seen(trial, number, results.study.points) for number, trial in enumerate(results.trials)]


def first_config(trials: Sequence[Seen]) -> Config | None:
    """The settings of the first of these that has any."""
    return next((trial.config for trial in trials if trial.config is not None), None)


def _has(record: Record, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in record)
