"""The work of a study: one job a trial, an ordinary run with its scores, named by what decides its bits."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ganatomy import paths
from ganatomy.callbacks.standard import standard
from ganatomy.config import Config, flat, recipe, tree
from ganatomy.config.devices import pick_device
from ganatomy.config.resolve import Resolved, resolve
from ganatomy.data import Dataset, Source
from ganatomy.evaluation import evaluate_run
from ganatomy.evaluation.measures import chosen
from ganatomy.evaluation.reference import Reference
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.lock import InUse
from ganatomy.runs.run import Run
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Study, weights_of
from ganatomy.studies.pool import is_trained
from ganatomy.training import launch

log = logging.getLogger("ganatomy")


@dataclass(frozen=True)
class Job:
    """A run to be trained to its end and scored. Plain values, so that it can be sent to another process."""

    arm: str
    budget: str
    seed: int
    recipe: str
    settings: tuple[str, ...]
    """All of them, with length, seed and precision; without `out`."""
    path: str
    """The run's folder, named by a digest of what decides its bits: the same run serves every study that asks for it."""
    threads: int
    gpus: int
    points: tuple[str, ...]
    n: int | None
    features: str | None
    metrics: tuple[str, ...] | None

    @property
    def command(self) -> str:
        """What trains the same run by hand."""
        return f"OMP_NUM_THREADS={self.threads} ganatomy train {paths.command(self.recipe, *self.settings)}"

    @property
    def title(self) -> str:
        return f"{self.arm}, {self.budget}, seed {self.seed}"

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Job:
        return TypeAdapter(cls).validate_json(text)


def plan(study: Study, pool: Path) -> list[Job]:
    """A study's jobs, a seed after the other, so that what is done early is already a comparison.

    Raises:
        UsageError: settings that do not fit the data.
        GanatomyError: the data is missing or damaged.
    """
    datasets: dict[Source, Dataset] = {}
    return [
        _job(study, arm.name, budget, seed, pool, datasets)
        for seed in study.seeds
        for budget in study.budgets
        for arm in study.arms
        if study.has(arm, budget) and seed in study.seeds_of(arm)
    ]


def _job(study: Study, name: str, budget: Budget, seed: int, pool: Path, datasets: dict[Source, Dataset]) -> Job:
    arm = study.arm(name)
    words = [*study.settings(arm, budget), f"seed={seed}", f"train.milestones={list(study.milestones)}"]
    draft = recipe.load(arm.recipe, [*words, "train.updates=1"])
    if draft.data not in datasets:
        datasets[draft.data] = draft.data.load()
    dataset = datasets[draft.data]
    _, shortest = resolve(draft, dataset)
    words.append(budget.setting(shortest.timeline))
    config, resolved = resolve(recipe.load(arm.recipe, words), dataset)
    # As it was resolved here: another machine of a cluster may not have the instructions, and must not decide for itself.
    words.append(f"train.precision={config.train.precision}")
    key = digest(config, resolved, study.threads)
    return Job(
        arm=name,
        budget=str(budget),
        seed=seed,
        # Another process, on a cluster another machine's, has another working folder.
        recipe=arm.recipe if arm.recipe in recipe.names() else str(Path(arm.recipe).absolute()),
        settings=tuple(words),
        path=str(pool.absolute() / f"{config.recipe}-{config.data.name}-s{seed}-{key[:10]}"),
        threads=study.threads,
        gpus=1 if config.train.device == "cuda" else 0,
        points=study.points,
        n=study.n,
        features=study.features,
        metrics=study.metrics,
    )


def digest(config: Config, resolved: Resolved, threads: int) -> str:
    """SHA-256 over what decides a run's bits: its settings, the data's content, the device and the threads."""
    passed = {"out", "data.dir", "data.path", "data.count", "train.timeout", "train.threads"}
    facts: dict[str, Any] = {name: value for name, value in flat(tree(config)).items() if name not in passed}
    facts |= {"data": resolved.digest, "device": str(pick_device(config.train.device)), "threads": threads}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


class Scoring:
    """Which scores of a run are there and are the ones asked for."""

    def __init__(self) -> None:
        self._references: dict[tuple[Source, str | None, int | None], Reference] = {}

    def missing(self, job: Job) -> list[str]:
        """The points of a trained run that have yet to be scored."""
        folder = RunFolder(Path(job.path))
        wanted = [point for point in job.points if point != "best" or folder.best_updates()]
        return [point for point in wanted if not self._is_scored(job, weights_of(point))]

    def _is_scored(self, job: Job, weights: str) -> bool:
        run = Run(Path(job.path), weights)
        try:
            found = json.loads(run.folder.metrics_of(weights).read_text(encoding="utf-8"))
            same = (found["subject"]["seed"], found["subject"]["weights"]) == (run.config.seed, weights)
            digest, metrics = self._wanted(run, job)
            return bool(same and found["reference"] == digest and metrics <= found["metrics"].keys())
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _wanted(self, run: Run, job: Job) -> tuple[str, set[str]]:
        """The digest of the reals, the extractor and the number that scores would be made with now; and their names."""
        key = run.config.data, job.features, job.n
        if key not in self._references:
            self._references[key] = Reference.of(run.config.data, run.config.data.load(), job.features, job.n)
        reference = self._references[key]
        if job.metrics is not None:
            return reference.digest, set(job.metrics)
        # All that fit; FID is left out by itself where the images are too few for it.
        return reference.digest, {measure.name for measure in chosen(None, reference.available)} - {"fid"}


def run(job: Job) -> None:
    """Train a job's run to its end, from wherever it stands, and score it at its points.

    Raises:
        Interrupted: a signal; the checkpoint is written.
        GanatomyError: what `train`, `resume` and `evaluate` raise.
    """
    import torch

    torch.set_num_threads(job.threads)
    path = Path(job.path)
    if not is_trained(path):
        _train(job, path)
    for point in Scoring().missing(job):
        evaluate_run(Run(path, weights_of(point)), job.n, job.features, job.metrics)
    # The one before the last is insurance while a run trains.
    RunFolder(path).prune_checkpoints(1)


def speed(config: Config, threads: int, updates: int) -> float:
    """Seconds an update with so many threads, of so many updates in memory."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return launch.speed(config, updates)
    finally:
        torch.set_num_threads(before)


def _train(job: Job, path: Path) -> None:
    said = False
    while True:
        try:
            if RunFolder(path).config.is_file():
                launch.resume(path, {}, standard)
            else:
                _begin(job, path)
            return
        except InUse as error:
            # Another study's, or a killed one's last process at its checkpoint.
            if not said:
                log.info("waiting: %s", error)
            said = True
            time.sleep(1)


def _begin(job: Job, path: Path) -> None:
    words = [*job.settings, f"out={path}"]
    launch.train(lambda: recipe.load(job.recipe, words), path.parent, standard)
