"""A sweep from its plan to its results: the search, the leaders with fresh seeds, the winner on seeds nobody chose by."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganatomy import atomic
from ganatomy.config import threads
from ganatomy.config.devices import pick_device
from ganatomy.errors import GanatomyError, Interrupted
from ganatomy.runs.environment import describe
from ganatomy.studies import cluster, local
from ganatomy.studies import conduct as studying
from ganatomy.studies.conduct import Say, Where
from ganatomy.studies.plan import Arm
from ganatomy.studies.pool import Pool
from ganatomy.studies.results import Results
from ganatomy.studies.sweep import search as searching
from ganatomy.studies.sweep.importance import importances
from ganatomy.studies.sweep.plan import FINAL_SEEDS, LEADER_SEEDS, SECONDS, Sweep, lower_is_better
from ganatomy.studies.sweep.results import ARM_OF_RECIPE, Repeated, State, SweepResults, SweepTrial
from ganatomy.studies.sweep.search import Search
from ganatomy.studies.sweep.storage import Storage, library

HEARTBEAT = 10.0
"""Seconds between a worker's signs of life."""

Shown = Callable[[SweepResults], None]


class SweepFolder:
    """A sweep on disk: STUDIES/NAME. The runs lie in the pool that studies share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "trials.db"
        self.results_file = path / "results.json"
        self.logs = path / "logs"


def conduct(
    sweep: Sweep,
    studies: Path,
    on: Where = "here",
    parallel: int | None = None,
    url: str | None = None,
    heartbeat: float = HEARTBEAT,
    say: Say = lambda line: None,
    shown: Shown = lambda results: None,
) -> SweepResults:
    """Carry out a sweep, or what is left of it.

    Args:
        studies: the folder for the sweep's own, and for the runs.
        on: processes of this machine, or tasks of a Ray cluster.
        parallel: runs at a time; unset, as many as have their threads' cores.
        url: of the database; unset, SQLite in the sweep's folder.
        say: called with a line at the stages.
        shown: called with the results as they grow.

    Raises:
        UsageError: Optuna is not installed, or the database has another sweep of that name.
        GanatomyError: the data is missing, or no trial came to its end.
        Interrupted: a signal; every run has its checkpoint, and the same call goes on.
    """
    folder = SweepFolder(studies / sweep.name)
    atomic.try_place(folder.results_file)
    storage = Storage.of_file(folder.database, heartbeat) if url is None else Storage(url, heartbeat)
    _search(sweep, storage, folder, Pool(studies), on, parallel, shown, worker=0)
    results = found(sweep, storage.study(sweep))
    if not results.ranked:
        raise GanatomyError(
            f"none of the {len(results.trials)} trials came to its end ({_causes(results)}); give them a longer --budget, or a "
            f"narrower --space. What each did: {folder.results_file}"
        )
    leaders = [sweep.arm(f"trial-{trial.number}", trial.settings) for trial in results.ranked[: sweep.leaders]]
    say(f"the best {len(leaders)} of {len(results.trials)} trials, each with {sweep.repeats} fresh seeds")
    seeds = range(LEADER_SEEDS, LEADER_SEEDS + sweep.repeats)
    repeated = _repeat(sweep, "leaders", leaders, seeds, studies, on, parallel, say)
    results = replace(results, leaders=tuple(_ranked(sweep, repeated)))
    shown(_written(results, folder))
    winner = results.leaders[0]
    say(f"the winner, {winner.name}, and the recipe as it is, with {sweep.seeds} seeds that nothing was chosen on")
    arms = [sweep.arm(winner.name, winner.settings), sweep.arm(ARM_OF_RECIPE, ())]
    seeds = range(FINAL_SEEDS, FINAL_SEEDS + sweep.seeds)
    final = _repeat(sweep, "final", arms, seeds, studies, on, parallel, say)
    results = replace(results, final=tuple(final))
    shown(_written(results, folder))
    return results


def join(
    url: str,
    name: str | None,
    studies: Path,
    on: Where = "here",
    parallel: int | None = None,
    heartbeat: float = HEARTBEAT,
    shown: Shown = lambda results: None,
) -> SweepResults:
    """Take trials of a sweep that another process began, until all are done. Its repetitions are the other's.

    Raises:
        UsageError: the database has no such sweep.
        Interrupted: a signal; the trials go back, with their checkpoints.
    """
    storage = Storage(url, heartbeat)
    sweep = storage.plan(name)
    folder = SweepFolder(studies / sweep.name)
    worker = secrets.randbelow(2**31) + 1
    _search(sweep, storage, folder, Pool(studies), on, parallel, shown, worker)
    return found(sweep, storage.study(sweep))


def _search(
    sweep: Sweep,
    storage: Storage,
    folder: SweepFolder,
    pool: Pool,
    on: Where,
    parallel: int | None,
    shown: Shown,
    worker: int,
) -> None:
    def changed() -> None:
        results = found(sweep, search.study, weighed=False)
        shown(results if worker else _written(results, folder))

    pool.path.mkdir(parents=True, exist_ok=True)
    search = Search(sweep, storage, pool.path, changed, worker)
    try:
        if on == "ray":
            cluster.run(search, pool.path, parallel or _most_tasks(sweep))
        else:
            local.run(search, parallel or max(1, threads.cores() // sweep.threads), folder.logs)
    except Interrupted as error:
        raise Interrupted(
            f"{error}; the runs have their checkpoints, and the same command goes on", error.exit_code - 128
        ) from error


def _most_tasks(sweep: Sweep) -> int:
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 1)) // sweep.threads) if ray.is_initialized() else 4


def _repeat(
    sweep: Sweep,
    stage: str,
    arms: Sequence[Arm],
    seeds: Sequence[int],
    studies: Path,
    on: Where,
    parallel: int | None,
    say: Say,
) -> list[Repeated]:
    study = sweep.study(stage, arms, seeds)
    results = studying.conduct(study, studies, on, parallel, say=say).read()
    return [_repeated(sweep, results, arm) for arm in arms]


def _repeated(sweep: Sweep, results: Results, arm: Arm) -> Repeated:
    trials = list(results.select(arm=arm.name))
    metrics: dict[str, dict[str, float]] = {}
    for trial in trials:
        scores = trial.scores("100%") if trial.state == "finished" else None
        for metric, scored in (scores.metrics if scores else {}).items():
            metrics.setdefault(metric, {})[str(trial.seed)] = scored.value
    return Repeated(
        name=arm.name,
        settings=tuple(word for word in arm.settings if word not in sweep.words),
        seeds=results.study.seeds,
        metrics=metrics,
        seconds={str(trial.seed): searching.spent(trial.path)[1] for trial in trials},
        failed={str(trial.seed): trial.reason or "" for trial in trials if trial.state == "failed"},
        runs={str(trial.seed): trial.path.name for trial in trials},
    )


def _ranked(sweep: Sweep, repeated: Sequence[Repeated]) -> list[Repeated]:
    """By the mean over their fresh seeds, best first; one of which a run failed comes after all whose did not."""
    metric = sweep.metrics[0]
    sign = 1 if lower_is_better(metric) else -1

    def place(each: Repeated) -> tuple[int, float]:
        mean = each.mean(metric)
        return len(each.failed), math.inf if mean is None else sign * mean

    return sorted(repeated, key=place)


def found(sweep: Sweep, study: Any, weighed: bool = True) -> SweepResults:
    """What a sweep's database holds now. `weighed`: with the importance of the settings, which takes seconds."""
    states = library().trial.TrialState
    names: dict[Any, State] = {
        states.COMPLETE: "complete",
        states.PRUNED: "pruned",
        states.FAIL: "failed",
        states.RUNNING: "running",
        states.WAITING: "waiting",
    }
    by_seed: dict[int, SweepTrial] = {}
    for trial in study.get_trials(deepcopy=False):
        facts = trial.user_attrs.get(searching.FACTS, {})
        seed = trial.user_attrs.get(searching.SEED)
        if seed is None:
            continue  # asked for by two workers at once, and given up by one
        # The repetition of a lost trial is the same trial; the last one counts.
        by_seed[seed] = SweepTrial(
            number=seed,
            state=names[trial.state],
            cause=trial.user_attrs.get(searching.CAUSE),
            seed=seed,
            params=dict(trial.params),
            settings=tuple(trial.user_attrs.get(searching.SETTINGS, ())),
            metrics=facts.get("metrics", {}),
            seconds=facts.get(SECONDS, 0.0),
            updates=facts.get("updates", 0),
            run=trial.user_attrs.get(searching.RUN),
        )
    trials = tuple(by_seed[seed] for seed in sorted(by_seed))
    return SweepResults(
        sweep=sweep,
        trials=trials,
        importance=importances(sweep, trials) if weighed else (),
        environment=_environment(sweep) if weighed else {},
    )


def _environment(sweep: Sweep) -> dict[str, Any]:
    config = sweep.config()
    facts = describe(pick_device(config.train.device), config.train.precision, 0, 1)
    # Without what would name the machine or its user: results are meant to be passed on.
    shared = {name: facts[name] for name in ("platform", "python", "packages", "git", "device", "device_name", "cpus")}
    return {**shared, "threads": sweep.threads}


def _written(results: SweepResults, folder: SweepFolder) -> SweepResults:
    results.write(folder.results_file)
    return results


def _causes(results: SweepResults) -> str:
    return ", ".join(f"{count} {cause}" for cause, count in results.causes.items())
