"""The study's folder: the only place that knows its file names. The runs lie in a pool that studies share."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.study.budget import Budget
from ganatomy.study.jobs import Job, is_trained
from ganatomy.study.plan import Study
from ganatomy.study.results import Results, State, Trial
from ganatomy.words import Words

STUDIES = Path("runs") / "studies"
"""Where studies are made unless another place is given."""


class Pool:
    """The runs of all studies below one folder, and why some of them failed."""

    def __init__(self, studies: Path) -> None:
        self.path = studies / "runs"
        self._faults = studies / "faults"

    def fault(self, run: Path) -> str | None:
        """Why a run failed; None where it did not."""
        try:
            fault: str = json.loads(self._fault_file(run).read_text(encoding="utf-8"))["fault"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"{self._fault_file(run)} cannot be read: {error}"
        return fault

    def set_fault(self, run: Path, fault: str | None) -> None:
        """Remember why a run failed, or that it no longer does."""
        if fault is None:
            self._fault_file(run).unlink(missing_ok=True)
        else:
            self._faults.mkdir(parents=True, exist_ok=True)
            atomic.write(self._fault_file(run), json.dumps({"run": run.name, "fault": fault}, ensure_ascii=False))

    def _fault_file(self, run: Path) -> Path:
        return self._faults / f"{run.name}.json"

    def state(self, run: Path) -> tuple[State, str | None]:
        """A run's state, and its fault if it failed."""
        fault = self.fault(run)
        if fault is not None:
            return "failed", fault
        return ("finished" if is_trained(run) else "waiting"), None


class StudyFolder:
    """One study on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan = path / "study.json"
        self.results_file = path / "results.json"
        self.report = path / "report.html"
        self.logs = path / "logs"

    @classmethod
    def of(cls, study: Study, studies: Path) -> StudyFolder:
        """The folder of a plan: STUDIES/NAME-LEVEL, numbered where another plan of that name has taken it."""
        stem = f"{study.name}-{study.level}"
        number = 1
        while True:
            folder = cls(studies / (stem if number == 1 else f"{stem}-{number}"))
            if not folder.path.exists() or folder._holds(study):
                return folder
            number += 1

    def _holds(self, study: Study) -> bool:
        """Whether the plan here is that one; how it is titled does not matter."""
        try:
            return _untitled(self._content()[0]) == _untitled(study)
        except GanatomyError:
            return False

    def write(self, study: Study, jobs: list[Job], pool: Pool) -> None:
        """The plan and its trials; the runs' places are noted relative to the folder, so that both can be moved."""
        self.path.mkdir(parents=True, exist_ok=True)
        trials = [
            {
                "arm": job.arm,
                "budget": job.budget,
                "seed": job.seed,
                "run": os.path.relpath(job.path, self.path.absolute()),
                "command": job.command,
            }
            for job in jobs
        ]
        content = {"study": asdict(study), "trials": trials}
        atomic.write(self.plan, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def read(self) -> Results:
        """The study as it stands now.

        Raises:
            GanatomyError: the folder holds no study, or one that cannot be read.
        """
        study, trials = self._content()
        pool = Pool(self.path.parent)
        return Results(study, tuple(self._trial(facts, pool) for facts in trials))

    def _content(self) -> tuple[Study, list[dict[str, Any]]]:
        try:
            content = json.loads(self.plan.read_text(encoding="utf-8"))
            return TypeAdapter(Study).validate_python(content["study"]), list(content["trials"])
        except FileNotFoundError as error:
            raise GanatomyError(
                f"{self.path} holds no study (it has no {self.plan.name}); make one: ganatomy study course"
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GanatomyError(f"{self.plan} is not what ganatomy study writes: {error}") from error

    def _trial(self, facts: dict[str, Any], pool: Pool) -> Trial:
        path = Path(os.path.normpath(self.path / facts["run"]))
        state, fault = pool.state(path)
        return Trial(facts["arm"], Budget.of(facts["budget"]), facts["seed"], path, facts["command"], state, fault)


def _untitled(study: Study) -> Study:
    empty = Words("", "")
    arms = tuple(dataclasses.replace(arm, title=empty) for arm in study.arms)
    return dataclasses.replace(study, title=empty, about=empty, arms=arms)
