"""A study on a Ray of this machine's own: the same bits as without, also when a worker is killed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs.folder import RunFolder
from ganatomy.studies import cluster, file, jobs
from ganatomy.studies.conduct import conduct
from ganatomy.studies.failure import Failure
from ganatomy.studies.jobs import Job
from ganatomy.studies.work import Queue
from study_files import TINY, bits, write

ray = pytest.importorskip("ray", reason="needs Ray: pip install 'ganatomy[ray]'")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")

LONG = TINY.replace("4 updates", "400 updates").replace('"train.evaluate_every=2"', '"train.evaluate_every=0"')
LONG = LONG.replace('"train.log_every=1"', '"train.log_every=50", "train.checkpoint_every=50"').replace("[0, 1]", "[0]")


@pytest.fixture(scope="module", autouse=True)
def local_cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.slow
def test_it_is_the_same_study_as_on_one_machine_though_its_workers_are_stopped(tmp_path: Path) -> None:
    """One run's process is killed, the other's is asked to end."""
    study = file.load(write(tmp_path, LONG))
    here, there = tmp_path / "here", tmp_path / "there"
    planned = jobs.plan(study, here / "runs")
    for job in planned:
        jobs.run(job)
    numbers = [signal.SIGKILL, signal.SIGTERM]
    stopped: list[Path] = []

    def stop_each() -> None:
        end = time.monotonic() + 240
        while numbers and time.monotonic() < end:
            for run in (there / "runs").glob("gan-*"):
                owner = run / ".owner.json"
                if run not in stopped and any(run.glob("checkpoints/step-*[1-9]*")) and owner.exists():
                    os.kill(json.loads(owner.read_text())["pid"], numbers.pop())
                    stopped.append(run)
            time.sleep(0.01)

    stopping = threading.Thread(target=stop_each)
    stopping.start()
    told: list[str] = []
    results = conduct(study, there, on="ray", say=told.append).read()
    stopping.join()
    assert len(stopped) == 2, "not every run was caught in the middle"
    assert {len(json.loads((run / "env.json").read_text())) for run in stopped} == {2}
    assert len(told) == 2
    assert not any("FAILED" in line for line in told)
    assert {trial.state for trial in results.trials} == {"finished"}
    assert {trial.path.name: bits(trial.path) for trial in results.trials} == {
        Path(job.path).name: bits(Path(job.path)) for job in planned
    }
    values = results.values("fid", study.budgets[0])
    for trial in results.trials:
        written = json.loads((here / "runs" / trial.path.name / "metrics.json").read_text())
        assert values[trial.arm][trial.seed] == written["metrics"]["fid"]["value"]


@pytest.mark.slow
def test_an_error_is_a_result_and_tried_once(tmp_path: Path) -> None:
    study = file.load(write(tmp_path), seeds=[0])
    broken = Path(jobs.plan(study, tmp_path / "studies" / "runs")[0].path)
    broken.mkdir(parents=True)
    (broken / "config.toml").write_text("not = = TOML")
    folder = conduct(study, tmp_path / "studies", on="ray")
    failed = next(trial for trial in folder.read().trials if trial.path == broken)
    assert failed.state == "failed"
    assert failed.failure is not None
    assert failed.failure.kind == "error"
    assert "is damaged" in failed.failure.reason


@pytest.mark.slow
def test_a_run_that_its_work_gives_up_is_stopped_once_and_keeps_its_checkpoint(tmp_path: Path) -> None:
    """As a sweep prunes a trial."""
    planned = jobs.plan(file.load(write(tmp_path, LONG)), tmp_path / "runs")
    ended: dict[str, Failure | None] = {}

    class GivesUpOne(Queue):
        def look(self, job: Job) -> Failure | None:
            behind = job == planned[0] and any(Path(job.path).glob("checkpoints/step-*[1-9]*"))
            return Failure("pruned", "pruned") if behind else None

    (tmp_path / "runs").mkdir(exist_ok=True)
    cluster.run(GivesUpOne(planned, lambda job, failure: ended.update({job.path: failure})), tmp_path / "runs", None)
    stopped, whole = (RunFolder(Path(job.path)) for job in planned)
    assert ended == {str(stopped.path): Failure("pruned", "pruned"), str(whole.path): None}
    assert whole.checkpoint_updates()[-1] == 400
    assert 50 <= stopped.checkpoint_updates()[-1] < 400
    assert len(json.loads((stopped.path / "env.json").read_text())) == 1


def test_what_no_node_has_is_refused_before_anything_waits_for_ever(tmp_path: Path) -> None:
    study = file.load(write(tmp_path, TINY.replace("n = 80", "n = 80\nthreads = 64")))
    with pytest.raises(UsageError, match="no node of the Ray cluster has 64 CPUs"):
        conduct(study, tmp_path / "studies", on="ray")


def test_nodes_that_do_not_see_the_runs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_reads", lambda path: None)
    with pytest.raises(GanatomyError, match=r"is not seen by .*--studies"):
        conduct(file.load(write(tmp_path)), tmp_path / "studies", on="ray")
    assert not list((tmp_path / "studies" / "runs").glob("gan-*"))


def test_the_number_of_runs_at_a_time_is_rays_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--jobs is for this machine"):
        conduct(file.load(write(tmp_path)), tmp_path / "studies", on="ray", parallel=2)
