"""Tiny runs and studies that the tests of the report share."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import filelock
import pytest

from ganatomy import api
from ganatomy.evaluation import evaluate_run
from ganatomy.report.answered import Answered
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.run import Run
from ganatomy.studies.budget import Budget
from ganatomy.studies.failure import Failure
from ganatomy.studies.plan import Arm, Study
from ganatomy.studies.results import Results, State, Trial
from ganatomy.words import Words

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&{{ 7*7 }}%{x}"
"""What must stay text wherever it is shown."""

FAILURE = Failure(f"training stopped after update 6: the loss is not finite {HOSTILE}", "diverged")

RECIPES = ("gan", "dcgan", "wgan")
UPDATES = Budget("updates", 8)
SECONDS = Budget("seconds", 3)


def trained(folder: Path, recipe: str, seed: int, *words: str) -> Run:
    """A run of eight updates on the bundled digits, scored at its end with few images."""
    settings = ["data=digits", "train.updates=8", "train.batch=8", "train.log_every=1", "train.evaluate_every=4"]
    run = api.train(recipe, *settings, *words, f"seed={seed}", f"out={folder / f'{recipe}-s{seed}'}")
    evaluate_run(run, n=64)
    return run


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with gan, dcgan and wgan, two seeds each, trained and scored; made once for all of pytest's processes."""
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "report-runs"
    with filelock.FileLock(f"{made}.lock"), pytest.MonkeyPatch.context() as patch:
        if not made.exists():
            patch.setenv("XDG_CACHE_HOME", str(base / "report-cache"))
            for recipe in RECIPES:
                for seed in (0, 1):
                    trained(made.with_suffix(".partial"), recipe, seed)
            made.with_suffix(".partial").rename(made)
    return made


@pytest.fixture
def own_runs(runs: Path, tmp_path: Path) -> Path:
    """A copy of the runs that a test may change, without their networks."""
    copied = tmp_path / "copied"
    shutil.copytree(runs, copied, ignore=shutil.ignore_patterns("*.safetensors", "events*", "milestones", "best"))
    return copied


def study_of(runs: Path, **changes: object) -> Results:
    """A study of three arms, two seeds and two budgets; under seconds, one run failed, one waits and one is half trained."""
    arms = tuple(
        Arm(name, name, ("data=digits", "train.batch=8"), Words(name.upper(), f"{name} 系统")) for name in RECIPES
    )
    study = Study(
        name="tiny",
        level="quick",
        title=Words("A tiny study", "一个小研究"),
        about=Words("Three systems.", "三个系统。"),
        arms=arms,
        seeds=(0, 1),
        budgets=(UPDATES, SECONDS),
    )
    trials = []
    for budget in study.budgets:
        for seed in study.seeds:
            for arm in arms:
                path, state, failure = (
                    _under_seconds(runs, arm.name, seed) if budget is SECONDS else (None, "finished", None)
                )
                command = f"OMP_NUM_THREADS=1 ganatomy train {arm.recipe} data=digits seed={seed}"
                trials.append(
                    Trial(arm.name, budget, seed, path or runs / f"{arm.name}-s{seed}", command, state, failure)  # type: ignore[arg-type]
                )
    return Results(dataclasses.replace(study, **changes), tuple(trials))  # type: ignore[arg-type]


def _under_seconds(runs: Path, arm: str, seed: int) -> tuple[Path | None, State, Failure | None]:
    special: dict[tuple[str, int], tuple[Path | None, State, Failure | None]] = {
        ("wgan", 1): (None, "failed", FAILURE),
        ("gan", 1): (runs / "not-there", "waiting", None),
        ("dcgan", 1): (None, "waiting", None),
    }
    return special.get((arm, seed), (None, "finished", None))


def cut_short(path: Path, update: int) -> None:
    """Make a run look as if it had been stopped at an update: its history, pictures and checkpoints after it go."""
    folder = RunFolder(path)
    folder.keep_history(lambda record: record["step"] <= update)
    for percent in (25, 50, 75, 100):
        if percent > 100 * update / 8:
            folder.sample_file(percent).unlink()
    for there in folder.checkpoint_updates():
        shutil.rmtree(folder.checkpoint(there))
    checkpoint = folder.checkpoint(update)
    checkpoint.mkdir(parents=True)
    state = json.dumps({"update": update, "seconds": 1.0}).encode()
    (checkpoint / "state.json").write_bytes(state)
    manifest = {"format": 1, "sha256": {"state.json": hashlib.sha256(state).hexdigest()}}
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    folder.metrics.unlink(missing_ok=True)


def answered(claim: str = "q5-collapse", text: str = "BatchNorm prevents mode collapse.") -> Answered:
    """A refuted claim."""
    return Answered(
        question=claim,
        text=Words(text, "批归一化可防止模式崩溃。"),
        meaning=Words("It does not, here.", "在此并非如此。"),
        ruling=Words("refuted", "否定"),
        kind="refuted",
        level="quick",
        measured=Words("1.5 (1 to 2; 5 seeds)", "1.5（1 至 2；5 个种子）"),
    )


def elements(html: str) -> Sequence[tuple[str, dict[str, str | None]]]:
    """(tag, attributes) of everything in a page, as a browser would read it."""
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(html)
    return found
