"""A study from its plan to its results: what is done already is kept, the rest is trained and scored."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

from ganatomy import atomic
from ganatomy.config import threads
from ganatomy.errors import Interrupted, UsageError, nearest
from ganatomy.evaluation import MEASURES
from ganatomy.studies import cluster, jobs, local
from ganatomy.studies.failure import Failure
from ganatomy.studies.folder import StudyFolder
from ganatomy.studies.jobs import Job
from ganatomy.studies.plan import Study
from ganatomy.studies.pool import Pool, is_trained
from ganatomy.studies.results import Results
from ganatomy.studies.statistics import differences, estimate
from ganatomy.studies.work import Queue

Where = Literal["here", "ray"]

Say = Callable[[str], None]


def place(on: str) -> Where:
    """Where a study is to be carried out, as the command line names it.

    Raises:
        UsageError: it is no such place; with the nearest.
    """
    for known in get_args(Where):
        if on == known:
            found: Where = known
            return found
    raise UsageError(f"--on {on}: {nearest(on, get_args(Where))}")


def conduct(
    study: Study,
    studies: Path,
    on: Where = "here",
    parallel: int | None = None,
    retry: bool = False,
    say: Say = lambda line: None,
) -> StudyFolder:
    """Carry out a study, or what is left of it; its folder, with results.json.

    A folder in which the same study was carried out with more seeds keeps them.

    Args:
        study: the plan.
        studies: the folder for the study's own, and for the runs, which it shares with other studies.
        on: processes of this machine, or tasks of a Ray cluster.
        parallel: runs at a time on this machine; unset, as many as have their threads' cores.
        retry: whether runs that failed are tried again, from their last checkpoint.
        say: called with a line when a job ends.

    Raises:
        UsageError: settings that do not fit the data, or options that do not belong together.
        GanatomyError: the data is missing, or a cluster's nodes do not see `studies`.
        Interrupted: a signal; every run has its checkpoint, and the same call goes on.
    """
    if parallel is not None and on == "ray":
        raise UsageError("--jobs is for this machine; a Ray cluster starts as many as its CPUs allow")
    atomic.try_place(studies / "study.toml")
    pool, folder = Pool(studies), StudyFolder.of(study, studies)
    planned = jobs.plan(study, pool.path)
    if not folder.has_more(study):
        folder.write(study, planned)
    # Arms that differ in nothing that decides the bits are one run.
    todo = _todo({job.path: job for job in planned}, pool, retry)
    if todo:
        pool.path.mkdir(parents=True, exist_ok=True)
        progress = _Progress(len(planned), len({job.path for job in planned}) - len(todo), pool, say)
        try:
            if on == "ray":
                cluster.run(Queue(todo, progress.ended), pool.path)
            else:
                local.run(
                    Queue(todo, progress.ended), parallel or max(1, threads.cores() // study.threads), folder.logs
                )
        except Interrupted as error:
            raise Interrupted(
                f"{error}; the runs have their checkpoints, and the same command goes on", error.exit_code - 128
            ) from error
    atomic.write(folder.results_file, json.dumps(summary(folder.read()), indent=1, ensure_ascii=False) + "\n")
    return folder


def _todo(planned: dict[str, Job], pool: Pool, retry: bool) -> list[Job]:
    scoring, todo = jobs.Scoring(), []
    for path, job in planned.items():
        state, _ = pool.state(Path(path))
        # A run that is trained and could not be scored is scored again: that takes seconds, and may be asked for otherwise.
        if state == "failed" and (retry or is_trained(Path(path))):
            pool.set_failure(Path(path), None)
            todo.append(job)
        elif state == "waiting" or (state == "finished" and scoring.missing(job)):
            todo.append(job)
    return todo


class _Progress:
    """Notes what became of each job, and says it."""

    def __init__(self, total: int, done: int, pool: Pool, say: Say) -> None:
        self._total, self._done, self._pool, self._say = total, done, pool, say
        self._began = time.perf_counter()
        if done:
            say(f"{done} of {total} runs are there already")

    def ended(self, job: Job, failure: Failure | None) -> None:
        self._done += 1
        path = Path(job.path)
        self._pool.set_failure(path, failure)
        what = f"FAILED: {failure.reason}" if failure else "done"
        self._say(f"[{self._done}/{self._total}] {job.title}: {what} ({time.perf_counter() - self._began:.0f} s)")


def summary(results: Results) -> dict[str, Any]:
    """All figures of a study for programs: estimates, differences, and every trial with its state."""
    study = results.study
    figures = []
    for budget in study.budgets:
        for point in study.points:
            for metric in MEASURES:
                values = results.values(metric, budget, point)
                measured = {arm: list(each.values()) for arm, each in values.items() if each}
                if measured:
                    figures.append(
                        {
                            "metric": metric,
                            "budget": str(budget),
                            "point": point,
                            "values": values,
                            "estimates": {arm: asdict(estimate(each)) for arm, each in measured.items()},
                            "differences": [{**asdict(each), "verdict": each.verdict} for each in differences(values)],
                        }
                    )
    trials = [
        {
            "arm": trial.arm,
            "budget": str(trial.budget),
            "seed": trial.seed,
            "run": str(trial.path),
            "state": trial.state,
            "fault": trial.reason,
            "kind": None if trial.failure is None else trial.failure.kind,
            "command": trial.command,
        }
        for trial in results.trials
    ]
    return {"study": study.name, "level": study.level, "figures": figures, "trials": trials}
