"""The run folder: claimed by one, locked by one, and rewritten without losing what is whole."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganatomy import atomic
from ganatomy.config import Config, recipe, tree
from ganatomy.errors import GanatomyError
from ganatomy.runs import checkpoint
from ganatomy.runs.folder import RunFolder


def config(**changes: object) -> Config:
    return recipe.load("gan", {"data": "digits", "seed": 3, **changes})


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    return folder


# ---- names and claims


def test_the_file_names_are_the_format(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    names = {
        run.config: "config.toml",
        run.environment: "env.json",
        run.history_file: "history.jsonl",
        run.gif: "samples.gif",
        run.sample_file(0): "samples/pct_000.png",
        run.sample_file(100): "samples/pct_100.png",
        run.checkpoint(12): "checkpoints/step-000000012",
        run.milestone(12): "milestones/step-000000012",
    }
    assert {path.relative_to(tmp_path).as_posix() for path in names} == set(names.values())
    assert all(path.relative_to(tmp_path).as_posix() == name for path, name in names.items())


def test_making_the_object_touches_nothing(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "none")
    assert (run.history(), run.environments(), run.checkpoint_updates(), run.milestone_updates()) == ([], [], [], [])
    assert not run.path.exists()


def test_names_are_numbered_when_taken(tmp_path: Path) -> None:
    names = [RunFolder.create(config(), tmp_path / "runs").path.name for _ in range(3)]
    assert names == ["gan-digits-s3", "gan-digits-s3-2", "gan-digits-s3-3"]
    assert RunFolder.create(config(seed=4), tmp_path / "runs").path.name == "gan-digits-s4"


def test_a_gap_in_the_numbers_is_filled_but_nothing_is_reused(tmp_path: Path) -> None:
    for name in ("gan-digits-s3", "gan-digits-s3-3"):
        (tmp_path / name).mkdir()
    names = [RunFolder.create(config(), tmp_path).path.name for _ in range(2)]
    assert names == ["gan-digits-s3-2", "gan-digits-s3-4"]


def test_claims_at_the_same_time_get_different_folders(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: RunFolder.create(config(), tmp_path / "runs").path, range(24)))
    assert len(set(runs)) == 24
    assert all(path.is_dir() for path in runs)


def test_out_is_the_folder_itself(tmp_path: Path) -> None:
    out = tmp_path / "logs" / "experiment_wgan"
    assert RunFolder.create(config(out=out), tmp_path / "runs").path == out
    assert out.is_dir()
    assert not (tmp_path / "runs").exists()


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert RunFolder.create(config(out=tmp_path / "here"), tmp_path).path == tmp_path / "here"


def test_a_folder_that_holds_something_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(GanatomyError, match="not empty") as caught:
        RunFolder.create(config(out=tmp_path), tmp_path / "runs")
    assert str(tmp_path) in str(caught.value)
    assert "out=" in str(caught.value)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_folder_that_holds_a_run_is_refused_with_how_to_continue(run: RunFolder) -> None:
    run.write_config(tree(config()), {})
    with pytest.raises(GanatomyError, match="ganatomy resume"):
        RunFolder.create(config(out=run.path), run.path.parent)


@pytest.mark.parametrize("where", ["file", "file/below", "file/below/deep"])
def test_a_place_where_no_folder_can_be_made(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a regular file")
    for out, runs in ((tmp_path / where, tmp_path / "runs"), (None, tmp_path / where)):
        with pytest.raises(GanatomyError) as caught:
            RunFolder.create(config(out=out), runs)
        assert caught.value.exit_code == 1
        assert str(tmp_path / where) in str(caught.value)
        assert "out=" in str(caught.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with pytest.raises(GanatomyError, match="Permission denied"):
        RunFolder.create(config(), closed)


def test_discard_takes_the_folder_away(run: RunFolder) -> None:
    run.append_history({"step": 1})
    run.discard()
    assert not run.path.exists()


def test_open_wants_a_run(tmp_path: Path, run: RunFolder) -> None:
    with pytest.raises(GanatomyError, match="does not exist"):
        RunFolder.open(tmp_path / "none")
    with pytest.raises(GanatomyError, match=r"no config\.toml"):
        RunFolder.open(run.path)
    run.write_config({}, {})
    assert RunFolder.open(run.path).path == run.path


# ---- settings and environment


def test_settings_and_facts_come_back(run: RunFolder) -> None:
    settings = tree(config(**{"out": "a b", "optimizer.generator.lr": 1e-5}))
    facts = {"shape": [28, 28, 1], "digest": "ab", "updates": 7}
    run.write_config(settings, facts)
    assert run.read_config() == (settings, facts)
    assert run.config.read_text().startswith("#")


@pytest.mark.parametrize("content", [b"[data\n", b"\xff\xfe"])
def test_a_damaged_config_is_told(content: bytes, run: RunFolder) -> None:
    run.config.write_bytes(content)
    with pytest.raises(GanatomyError, match="damaged") as caught:
        run.read_config()
    assert str(run.config) in str(caught.value)


def test_every_process_is_listed(run: RunFolder) -> None:
    run.add_environment({"threads": 1})
    run.add_environment({"threads": 2})
    assert run.environments() == [{"threads": 1}, {"threads": 2}]
    run.environment.write_text("[{")
    assert run.environments() == []


# ---- history


records = st.lists(
    st.dictionaries(
        st.text(max_size=8), st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    ),
    max_size=6,
)


@given(lines=records)
def test_history_comes_back(lines: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    for line in lines:
        run.append_history(line)
    run.sync_history()
    assert run.history() == lines


@given(cut=st.integers(1, 25))
def test_half_a_line_at_the_end_is_ignored(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    lines = [{"step": step, "loss/generator": step / 7} for step in (1, 2, 3)]
    for line in lines:
        run.append_history(line)
    whole = run.history_file.read_bytes()
    run.history_file.write_bytes(whole[:-cut])
    expected = lines if cut == 1 else lines[:2]
    assert run.history() == expected
    run.keep_history(lambda record: True)
    run.append_history({"step": 4})
    assert run.history() == [*expected, {"step": 4}]


def test_only_the_lines_wanted_are_kept(run: RunFolder) -> None:
    for step in range(1, 6):
        run.append_history({"step": step})
    run.keep_history(lambda record: record["step"] <= 3)
    assert run.history() == [{"step": 1}, {"step": 2}, {"step": 3}]
    assert sorted(entry.name for entry in run.path.iterdir()) == ["history.jsonl"]


# ---- checkpoints


def put(run: RunFolder, *updates: int) -> None:
    for update in updates:
        checkpoint.save(run.checkpoint(update), {}, {"update": update})
        checkpoint.save(run.milestone(update), {}, {"update": update})


def test_the_oldest_are_pruned_and_milestones_stay(run: RunFolder) -> None:
    put(run, 5, 100, 20, 3)
    run.prune_checkpoints(2)
    assert run.checkpoint_updates() == [20, 100]
    assert run.milestone_updates() == [3, 5, 20, 100]
    run.prune_checkpoints(2)
    assert run.checkpoint_updates() == [20, 100]
    run.prune_checkpoints(7)
    assert run.checkpoint_updates() == [20, 100]


def test_what_comes_later_is_forgotten(run: RunFolder) -> None:
    put(run, 1, 2, 3, 4)
    run.forget_after(2)
    assert run.checkpoint_updates() == [1, 2]
    assert run.milestone_updates() == [1, 2]


def test_other_things_among_the_checkpoints_are_passed_over(run: RunFolder) -> None:
    put(run, 4)
    (run.checkpoints / f"{atomic.TEMPORARY}9-step-000000005").mkdir()
    (run.checkpoints / "step-000000009").write_text("no folder")
    (run.checkpoints / "step-000000004 (copy)").mkdir()
    assert run.checkpoint_updates() == [4]


HOLDER = """
import sys, time
from pathlib import Path
from ganatomy.runs.folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(run: RunFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the run."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(run.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_with_the_firsts_pid_and_host(
    run: RunFolder, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(GanatomyError, match="in use") as caught, run.lock():
        pass
    assert caught.value.exit_code == 1
    assert f"process {holder.pid} " in str(caught.value)
    assert socket.gethostname() in str(caught.value)
    assert str(run.path) in str(caught.value)


def test_a_refusal_does_not_take_the_lock_away(run: RunFolder, holder: subprocess.Popen[str]) -> None:
    for _ in range(2):
        with pytest.raises(GanatomyError, match=f"process {holder.pid} "), run.lock():
            pass


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_the_lock_goes_with_a_killed_process(run: RunFolder, holder: subprocess.Popen[str]) -> None:
    run.checkpoints.mkdir()
    half = run.checkpoints / f"{atomic.TEMPORARY}{holder.pid}-step-000000001"
    half.mkdir()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with run.lock():
        assert json.loads((run.path / ".owner.json").read_text())["pid"] == os.getpid()
        assert not half.exists(), "what it left half-written is removed"


def test_the_lock_is_given_back_also_after_an_error(run: RunFolder) -> None:
    with pytest.raises(ZeroDivisionError), run.lock():
        _ = 1 / 0
    with run.lock():
        pass
    assert not (run.path / ".owner.json").exists()


def test_a_run_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GanatomyError), RunFolder(tmp_path / "file" / "run").lock():
        pass


def test_what_a_killed_start_left_is_taken_for_empty(tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / ".lock").touch()
    (out / ".owner.json").write_text("{}")
    config = recipe.load("gan", {"data": "digits", "out": out})
    assert RunFolder.create(config, tmp_path / "runs").path == out


def test_discarding_keeps_what_is_not_the_runs(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.config.write_text("")
    run.samples.mkdir()
    (tmp_path / "mine.txt").write_text("keep")
    run.discard()
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_history_with_broken_bytes_ends_there(run: RunFolder) -> None:
    run.history_file.write_bytes(b'{"step": 1}\n\xff\xfe{"step": 2}\n{"step": 3}\n')
    assert run.history() == [{"step": 1}]
