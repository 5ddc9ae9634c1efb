"""Two workers on one PostgreSQL; one is killed, and its trial goes on from its checkpoint at the other."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganatomy.studies import jobs
from ganatomy.studies.jobs import Job
from ganatomy.studies.sweep.results import SweepResults
from processes import Process
from study_files import bits

pytest.importorskip("optuna", reason="needs Optuna: pip install 'ganatomy[sweep]'")
pytest.importorskip("psycopg", reason="needs PostgreSQL's driver: pip install 'ganatomy[postgresql]'")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for a process's parent in /proc"),
]


def program(name: str) -> str:
    """A program of PostgreSQL's server, which Debian keeps off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    place = shutil.which(name) or (str(found[-1]) if found else None)
    if place is None:
        pytest.skip(f"needs PostgreSQL's {name} (Debian's package postgresql)")
    return place


@pytest.fixture
def server() -> Iterator[str]:
    """A PostgreSQL of this test's own; its URL."""
    initdb, postgres = program("initdb"), program("postgres")
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    if owner is not None:
        shutil.chown(folder, owner)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = [initdb, "-D", folder / "data", "-A", "trust", "-U", "tester", "--no-sync", "-E", "UTF8"]
    subprocess.run(made, user=owner, check=True, capture_output=True, cwd="/")
    options = ["-D", folder / "data", "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with (
        open(folder.with_suffix(".log"), "wb") as log,  # noqa: PTH123
        subprocess.Popen([postgres, *options, "-k", folder], user=owner, stdout=log, stderr=log, cwd="/") as process,
    ):
        try:
            _wait(lambda: _listens(port), "the server does not listen")
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            shutil.rmtree(folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://tester@127.0.0.1:{port}/postgres").close()
            return True
    return False


def _wait(true: object, said: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, said
        time.sleep(0.02)


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _trained_by(worker: int, studies: Path) -> tuple[Path, int] | None:
    """A run in the middle that a process of the worker's trains, and that process."""
    for run in (studies / "runs").glob("gan-*"):
        with contextlib.suppress(OSError, ValueError):
            pid = json.loads((run / ".owner.json").read_text())["pid"]
            if _parent(pid) == worker and any(run.glob("checkpoints/step-*[1-9]*")):
                return run, pid
    return None


def test_a_killed_workers_trial_ends_at_another_with_the_same_bits(server: str, tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text('"optimizer.lr" = {low = 1e-4, high = 1e-2, log = true}')
    words = ["data=digits", "model.hidden=8", "train.batch=16", "train.checkpoint_every=50", "train.evaluate_every=0"]
    many = ["--trials", 4, "--budget", "1200 updates", "--leaders", 1, "--repeats", 1, "--seeds", 1, "-n", 80]
    shared = ["--studies", tmp_path / "studies", "--jobs", 1, "--heartbeat", 1]
    begun = ["gan", *words, "--space", "space.toml", *many, "--name", "shared", "--pruner", "none", "--no-diagnose"]
    first = Process("-m", "ganatomy", "sweep", *begun, "--storage", server, *shared)
    _wait(lambda: (tmp_path / "studies/shared/results.json").exists(), "the first worker began nothing")
    second = Process("-m", "ganatomy", "sweep", "join", server, *shared)
    caught: list[tuple[Path, int]] = []

    def found() -> bool:
        caught.extend(filter(None, [_trained_by(second.pid, tmp_path / "studies")]))
        return bool(caught)

    _wait(found, f"the second worker trains nothing: {second.printed('err')}")
    os.kill(second.pid, signal.SIGKILL)
    lost, pid = caught[0]
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    assert second.finish().code == -signal.SIGKILL
    ended = first.finish()
    assert ended.code == 0, ended.err

    results = SweepResults.read(tmp_path / "studies" / "shared")
    assert [trial.state for trial in results.trials] == ["complete"] * 4
    assert lost.name in [trial.run for trial in results.trials]
    assert len(json.loads((lost / "env.json").read_text())) == 2, "it did not go on from its checkpoint"
    (trial,) = [trial for trial in results.trials if trial.run == lost.name]
    sweep = results.sweep
    arm = sweep.arm("again", trial.settings)
    planned: list[Job] = jobs.plan(sweep.study("again", [arm], [trial.number]), tmp_path / "again")
    jobs.run(planned[0])
    assert bits(lost) == bits(Path(planned[0].path))
