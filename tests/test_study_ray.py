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
from ganatomy.studies import cluster, file
from ganatomy.studies.conduct import conduct
from ganatomy.studies.folder import StudyFolder
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


def _bits(folder: StudyFolder) -> dict[str, str]:
    return {trial.path.name: bits(trial.path) for trial in folder.read().trials}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The study on this machine without Ray, undisturbed."""
    place = tmp_path_factory.mktemp("here")
    return conduct(file.load(write(place, LONG)), place)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_is_the_same_study_as_on_one_machine_though_a_worker_is_stopped(
    tmp_path: Path, here: StudyFolder, number: signal.Signals
) -> None:
    study = file.load(write(tmp_path, LONG))
    runs, killed = tmp_path / "there" / "runs", []

    def kill_one() -> None:
        end = time.monotonic() + 90
        while not killed and time.monotonic() < end:
            for run in runs.glob("gan-*"):
                owner = run / ".owner.json"
                if any(run.glob("checkpoints/step-*[1-9]*")) and owner.exists():
                    os.kill(json.loads(owner.read_text())["pid"], number)
                    killed.append(run)
                    return
            time.sleep(0.01)

    killer = threading.Thread(target=kill_one)
    killer.start()
    told: list[str] = []
    there = conduct(study, tmp_path / "there", on="ray", tell=told.append)
    killer.join()
    assert killed, "no run was caught in the middle"
    assert len(json.loads((killed[0] / "env.json").read_text())) == 2
    assert len(told) == 2
    assert not any("FAILED" in line for line in told)
    assert {trial.state for trial in there.read().trials} == {"finished"}
    assert _bits(there) == _bits(here)
    budget = study.budgets[0]
    assert there.read().values("fid", budget) == here.read().values("fid", budget)


def test_an_error_is_a_result_and_tried_once(tmp_path: Path) -> None:
    study = file.load(write(tmp_path), seeds=[0])
    from ganatomy.studies import jobs

    broken = Path(jobs.plan(study, tmp_path / "studies" / "runs")[0].path)
    broken.mkdir(parents=True)
    (broken / "config.toml").write_text("not = = TOML")
    folder = conduct(study, tmp_path / "studies", on="ray")
    failed = next(trial for trial in folder.read().trials if trial.path == broken)
    assert failed.state == "failed"
    assert failed.failure is not None
    assert failed.failure.kind == "error"
    assert "is damaged" in failed.failure.reason


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
