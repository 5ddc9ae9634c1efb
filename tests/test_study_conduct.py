"""Carrying out a study: nothing is repeated, nothing is hidden, and a killed one ends with the same bits."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import ganatomy
from ganatomy.errors import GanatomyError
from ganatomy.report import outcome
from ganatomy.studies import file, jobs
from ganatomy.studies.conduct import conduct
from ganatomy.studies.failure import Failure
from ganatomy.studies.folder import StudyFolder
from ganatomy.studies.pool import Pool
from processes import Process, python
from study_files import TINY, bits, write


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyFolder, list[str]]:
    """A small study carried out: the folder with its file, its own, and what was told."""
    place = tmp_path_factory.mktemp("study")
    told: list[str] = []
    made = conduct(file.load(write(place)), place / "studies", say=told.append)
    return place, made, told


def test_every_arm_is_trained_with_every_seed_and_scored(done: tuple[Path, StudyFolder, list[str]]) -> None:
    _, folder, told = done
    results = folder.read()
    assert [(trial.arm, trial.seed, trial.state) for trial in results.trials] == [
        ("narrow", 0, "finished"),
        ("wide", 0, "finished"),
        ("narrow", 1, "finished"),
        ("wide", 1, "finished"),
    ]
    for trial in results.trials:
        assert trial.run.update == 4
        for point, update in (("50%", 2), ("100%", 4)):
            scores = trial.scores(point)
            assert scores is not None
            assert scores.subject["update"] == update
            assert scores.n == 80
        assert trial.scores("best") is None
    assert len(told) == 4
    assert told[-1].startswith("[4/4]")


def test_its_figures_are_the_runs_own(done: tuple[Path, StudyFolder, list[str]]) -> None:
    _, folder, _ = done
    results = folder.read()
    written = json.loads(folder.results_file.read_text())
    (budget,) = results.study.budgets
    values = results.values("fid", budget)
    fid = next(each for each in written["figures"] if each["metric"] == "fid" and each["point"] == "100%")
    for arm, by_seed in values.items():
        for seed, value in by_seed.items():
            run = next(trial for trial in results.trials if (trial.arm, trial.seed) == (arm, seed)).path
            assert json.loads((run / "metrics.json").read_text())["metrics"]["fid"]["value"] == value
            assert fid["values"][arm][str(seed)] == value
    difference = fid["differences"][0]
    assert difference["mean"] == pytest.approx(sum(values["narrow"][s] - values["wide"][s] for s in (0, 1)) / 2)
    assert difference["n"] == 2


def test_nothing_is_trained_or_scored_twice(done: tuple[Path, StudyFolder, list[str]]) -> None:
    place, folder, _ = done
    before = {path: path.stat().st_mtime_ns for path in (place / "studies" / "runs").rglob("*") if path.is_file()}
    told: list[str] = []
    again = conduct(file.load(write(place)), place / "studies", say=told.append)
    assert again.path == folder.path
    assert told == []
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_from_python_it_is_the_same_study(done: tuple[Path, StudyFolder, list[str]]) -> None:
    place, folder, _ = done
    results = ganatomy.study(write(place), studies=place / "studies")
    assert results == folder.read()
    (budget,) = results.study.budgets
    assert results.values("fid", budget)["narrow"].keys() == {0, 1}


def test_another_study_takes_the_runs_that_are_there(done: tuple[Path, StudyFolder, list[str]]) -> None:
    place, folder, _ = done
    text = TINY.replace('name = "wide"', 'name = "other"').replace("hidden=16", "hidden=12").replace("[0, 1]", "[0]")
    told: list[str] = []
    other = conduct(file.load(write(place, text)), place / "studies", say=told.append)
    # The same name with another plan: a folder of its own, and the first plan is as it was.
    assert other.path == folder.path.with_name("widths-quick-2")
    assert told[0] == "1 of 2 runs are there already"
    assert [trial.path for trial in other.read().select(arm="narrow")] == [
        trial.path for trial in folder.read().select(arm="narrow") if trial.seed == 0
    ]


def test_new_points_are_scored_without_training(done: tuple[Path, StudyFolder, list[str]]) -> None:
    place, folder, _ = done
    runs = {trial.path: bits(trial.path) for trial in folder.read().trials if trial.seed == 0}
    text = TINY.replace('["50%", "100%"]', '["25%", "100%"]').replace("[0, 1]", "[0]")
    more = conduct(file.load(write(place, text)), place / "studies")
    assert all(trial.scores("25%") is not None for trial in more.read().trials)
    assert {path: bits(path) for path in runs} == runs


def test_the_command_of_a_trial_trains_the_same_run(done: tuple[Path, StudyFolder, list[str]], tmp_path: Path) -> None:
    _, folder, _ = done
    trial = folder.read().trials[0]
    threads, program, *arguments = shlex.split(trial.command)
    assert (threads, program) == ("OMP_NUM_THREADS=1", "ganatomy")
    assert python("-m", "ganatomy", *arguments, f"out={tmp_path / 'by-hand'}").code == 0
    assert bits(tmp_path / "by-hand") == bits(trial.path)


def test_a_failed_arm_is_shown_with_its_reason_and_tried_again_when_asked(tmp_path: Path) -> None:
    study, studies = file.load(write(tmp_path), seeds=[0]), tmp_path / "studies"
    # What some accident left in the place of a run.
    broken = next(Path(job.path) for job in jobs.plan(study, Pool(studies).path) if job.arm == "wide")
    broken.mkdir(parents=True)
    (broken / "config.toml").write_text("not = = TOML")
    told: list[str] = []
    folder = conduct(study, studies, say=told.append)
    results = folder.read()
    assert {trial.arm: trial.state for trial in results.trials} == {"narrow": "finished", "wide": "failed"}
    (failed,) = results.select(arm="wide")
    assert failed.failure is not None
    assert failed.failure.kind == "error"
    assert "config.toml is damaged" in failed.failure.reason
    assert [line for line in told if "wide" in line and "FAILED" in line and "is damaged" in line]
    assert results.values("fid", results.study.budgets[0])["wide"] == {}
    assert {trial["arm"]: trial["state"] for trial in json.loads(folder.results_file.read_text())["trials"]} == {
        "narrow": "finished",
        "wide": "failed",
    }
    answer = outcome.answer(folder)
    assert answer.failed
    assert any(line.startswith("FAILED: wide") for line in answer.lines)

    shutil.rmtree(broken)
    told.clear()
    conduct(study, studies, say=told.append)
    assert told == []  # a failure is a result until somebody asks for another try
    conduct(study, studies, retry=True, say=told.append)
    assert {trial.state for trial in folder.read().trials} == {"finished"}

    # What failed when it was scored is trained all the same: that is looked at again without being asked for.
    Pool(studies).set_failure(broken, Failure("its scores could not be written"))
    assert "failed" in {trial.state for trial in folder.read().trials}
    conduct(study, studies)
    assert {trial.state for trial in folder.read().trials} == {"finished"}


def _start(study: str, studies: Path) -> Process:
    return Process("-m", "ganatomy", "study", study, "--level", "long", "--studies", studies, "--jobs", 2)


def _wait_for(seen: Callable[[], bool], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "not seen in time"
        time.sleep(0.02)


def _midway(studies: Path) -> Callable[[], bool]:
    """Both runs have a checkpoint after their first."""

    def seen() -> bool:
        checkpoints = [run / "checkpoints" for run in (studies / "runs").glob("*")] if studies.exists() else []
        return len(checkpoints) == 2 and all(any(path.glob("step-0000*[1-9]*")) for path in checkpoints)

    return seen


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """{run: its bits} of the long study, whose jobs this process carries out."""
    place = tmp_path_factory.mktemp("undisturbed")
    planned = jobs.plan(file.load(write(place), "long"), place / "runs")
    for job in planned:
        jobs.run(job)
    return {Path(job.path).name: bits(Path(job.path)) for job in planned}


def _owned(studies: Path) -> bool:
    return any((run / ".owner.json").exists() for run in (studies / "runs").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_study_whose_run_and_which_itself_is_killed_ends_with_the_same_bits(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    studies = tmp_path / "studies"
    process = _start(write(tmp_path), studies)
    _wait_for(_midway(studies))
    victim = next((studies / "runs").iterdir())
    os.kill(json.loads((victim / ".owner.json").read_text())["pid"], signal.SIGKILL)
    # The killed run is taken up again, in a session of its own.
    _wait_for(lambda: len(json.loads((victim / "env.json").read_text())) == 2)
    os.kill(process.pid, signal.SIGKILL)
    assert process.finish().code == -signal.SIGKILL
    # Its runs' processes notice, and end at a checkpoint of their own accord.
    _wait_for(lambda: not _owned(studies))
    before = StudyFolder(studies / "widths-long").read()
    assert "waiting" in {trial.state for trial in before.trials}
    results = conduct(file.load(write(tmp_path), "long"), studies).read()
    assert {trial.state for trial in results.trials} == {"finished"}
    assert {trial.path.name: bits(trial.path) for trial in results.trials} == undisturbed


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_an_interrupted_study_ends_with_checkpoints_and_says_how_to_go_on(tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    process = _start(write(tmp_path), studies)
    _wait_for(_midway(studies))
    os.kill(process.pid, signal.SIGTERM)
    done = process.finish()
    assert done.code == 143
    assert "the same command goes on" in done.err
    assert "FAILED" not in done.out + done.err
    assert not _owned(studies)


def test_a_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GanatomyError, match="holds no study"):
        StudyFolder(tmp_path).read()
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(GanatomyError, match="is not what ganatomy study writes"):
        StudyFolder(tmp_path).read()


DIVERGING = """
from ganatomy.objectives import Objective

class Diverging(Objective):
    def critic_loss(self, critic, batch):
        return {"loss": critic(batch.fake).mean()}

    def generator_loss(self, critic, batch):
        return {"loss": critic(batch.fake).mean() * (float("nan") if batch.progress >= 0.5 else 1.0)}
"""


def test_a_run_that_diverged_is_known_by_its_kind(tmp_path: Path) -> None:
    (tmp_path / "diverging.py").write_text(DIVERGING)
    wide = 'settings = ["model.hidden=16"'
    text = TINY.replace(wide, f'{wide}, "objective={tmp_path / "diverging.py"}"')
    study = file.load(write(tmp_path, text), seeds=[0])
    results = conduct(study, tmp_path / "studies").read()
    assert {trial.arm: trial.diverged for trial in results.trials} == {"narrow": False, "wide": True}


def test_a_run_fails_and_no_longer(tmp_path: Path) -> None:
    pool = Pool(tmp_path)
    run = pool.path / "gan-digits-s0-0123456789"
    assert pool.state(run) == ("waiting", None)
    for failure in (Failure("it broke"), Failure("training stopped", "diverged"), Failure("killed", "lost")):
        pool.set_failure(run, failure)
        assert pool.state(run) == ("failed", failure)
    pool.set_failure(run, None)
    assert pool.state(run) == ("waiting", None)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"fault": "training stopped before update 7: the generator's loss is not finite"}, "diverged"),
        ({"fault": "lost rank 1 of 2; training stopped after update 3"}, "error"),
        ({"fault": "the disk is full; training stopped", "kind": "lost"}, "lost"),
        ({"fault": "of a later version", "kind": "thrown"}, "error"),
        ({}, "error"),
    ],
)
def test_what_earlier_and_other_versions_kept_of_a_failure_is_read(
    written: dict[str, str], kind: str, tmp_path: Path
) -> None:
    pool = Pool(tmp_path)
    run = pool.path / "gan-digits-s0-0123456789"
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / f"{run.name}.json").write_text(json.dumps({"run": run.name, **written}))
    failure = pool.failure(run)
    assert failure is not None
    assert failure.kind == kind
    assert failure.reason
