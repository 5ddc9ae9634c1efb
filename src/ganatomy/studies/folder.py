"""The study's folder: the only place that knows its file names. The runs lie in a pool that studies share."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Study
from ganatomy.studies.pool import Pool
from ganatomy.studies.results import Results, Trial
from ganatomy.words import Words

if TYPE_CHECKING:
    from ganatomy.studies.jobs import Job


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
        """The folder of a plan: STUDIES/NAME-LEVEL, numbered where another plan of that name has taken it.

        A plan with more seeds, or with fewer, is the same plan: the folder grows with them.
        """
        stem = f"{study.name}-{study.level}"
        number = 1
        while True:
            folder = cls(studies / (stem if number == 1 else f"{stem}-{number}"))
            if not folder.path.exists() or folder._holds(study):
                return folder
            number += 1

    def _holds(self, study: Study) -> bool:
        """Whether the plan here is that one, with as many first seeds as both have; how it is titled does not matter."""
        try:
            here = self._content()[0]
        except GanatomyError:
            return False
        common = min(len(here.seeds), len(study.seeds))
        return _compared(here, common) == _compared(study, common)

    def has_more(self, study: Study) -> bool:
        """Whether the plan here is that one, and has more seeds."""
        return self.plan.is_file() and len(self._content()[0].seeds) > len(study.seeds)

    def write(self, study: Study, jobs: Sequence[Job]) -> None:
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
        state, failure = pool.state(path)
        return Trial(facts["arm"], Budget.of(facts["budget"]), facts["seed"], path, facts["command"], state, failure)


def _compared(study: Study, seeds: int) -> Study:
    """The plan without its titles, and with its first so many seeds."""
    empty = Words("", "")
    arms = tuple(dataclasses.replace(arm, title=empty) for arm in study.arms)
    return dataclasses.replace(study, title=empty, about=empty, arms=arms, seeds=study.seeds[:seeds], fewer={})
