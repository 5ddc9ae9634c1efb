"""The run folder: the only place that knows a run's file names."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomli_w

from ganatomy import atomic, paths
from ganatomy.config import Config, Tree
from ganatomy.errors import GanatomyError
from ganatomy.plugin.code import Code
from ganatomy.runs.lock import Lock

Record = dict[str, Any]
"""One line of history.jsonl."""


class RunFolder:
    """One run on disk. Making the object touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.environment = path / "env.json"
        self.history_file = path / "history.jsonl"
        self.metrics = path / "metrics.json"
        self.best = path / "best"
        self.code = path / "code"
        self.program = path / "generator.json"
        self.diagnosis = path / "diagnosis.json"
        self.samples = path / "samples"
        self.checkpoints = path / "checkpoints"
        self.milestones = path / "milestones"
        self._lock = Lock(path)

    # ---- names

    def sample_file(self, percent: int) -> Path:
        """The grid of samples at a percentage of the run."""
        return self.samples / f"pct_{percent:03d}.png"

    def former_sample_file(self, update: int) -> Path:
        """The grid of a milestone of an earlier, shorter length of the run."""
        return self.samples / f"update_{update:09d}.png"

    def sample_files(self) -> list[Path]:
        """All grids that are there, the present percentages' first."""
        return [*sorted(self.samples.glob("pct_*.png")), *sorted(self.samples.glob("update_*.png"))]

    @property
    def gif(self) -> Path:
        return self.path / "samples.gif"

    def checkpoint(self, update: int) -> Path:
        return self.checkpoints / f"step-{update:09d}"

    def milestone(self, update: int) -> Path:
        """The folder with the generator alone as it was at a milestone."""
        return self.milestones / f"step-{update:09d}"

    def metrics_of(self, weights: str) -> Path:
        """The scores of the `last` weights, of the `best`, or of those at a milestone ("50%")."""
        name = f"{int(weights[:-1]):03d}" if weights.endswith("%") else weights
        return self.metrics if weights == "last" else self.path / f"metrics-{name}.json"

    def best_step(self, update: int) -> Path:
        """The folder with the generator alone as it was when it scored best."""
        return self.best / f"step-{update:09d}"

    def best_updates(self) -> list[int]:
        """Oldest first; the last is the best."""
        return _updates(self.best)

    def checkpoint_updates(self) -> list[int]:
        """The updates that have a checkpoint, oldest first."""
        return _updates(self.checkpoints)

    def milestone_updates(self) -> list[int]:
        return _updates(self.milestones)

    @property
    def last_good(self) -> str:
        """The newest checkpoint, in words."""
        updates = self.checkpoint_updates()
        return f"last good checkpoint: {self.checkpoint(updates[-1])}" if updates else "no checkpoint was written"

    # ---- making and opening

    @classmethod
    def create(cls, config: Config, runs: Path) -> RunFolder:
        """Claim a new folder: `config.out` itself, or the first free runs/RECIPE-DATA-sSEED[-N].

        Raises:
            GanatomyError: the folder holds something already, or cannot be written.
        """
        stem = f"{config.recipe}-{config.data.name}-s{config.seed}"
        try:
            if config.out is not None:
                config.out.mkdir(parents=True, exist_ok=True)
                cls._check_free(config.out)
                return cls(config.out)
            return cls.create_numbered(runs / stem)
        except OSError as error:
            place = config.out or runs
            raise GanatomyError(
                f"the run's folder cannot be made at {place}: {error.strerror or error}; "
                "give a folder you may write to with out=FOLDER"
            ) from error

    @classmethod
    def create_numbered(cls, path: Path) -> RunFolder:
        """Claim the first free one of FOLDER, FOLDER-2, FOLDER-3, ...

        Raises:
            OSError: it cannot be made.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            place = path if number == 1 else path.with_name(f"{path.name}-{number}")
            with contextlib.suppress(FileExistsError):
                place.mkdir()
                return cls(place)
        raise AssertionError

    @classmethod
    def free_place(cls, config: Config, runs: Path) -> Path:
        """Where `create` would make the folder; nothing is made.

        Raises:
            GanatomyError: as `create`.
        """
        place = runs / "run" if config.out is None else config.out
        try:
            atomic.try_place(place / "config.toml")
        except GanatomyError as error:
            raise GanatomyError(f"{error} with out=FOLDER") from error
        if config.out is not None and config.out.is_dir():
            cls._check_free(config.out)
        return place

    @classmethod
    def _check_free(cls, path: Path) -> None:
        # A process that was killed before it wrote anything may have left the two files of a lock.
        if {entry.name for entry in path.iterdir()} - cls(path)._lock.names:
            raise _taken(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run.

        Raises:
            GanatomyError: there is no run at that path.
        """
        run = cls(path)
        if not run.config.is_file():
            what = "does not exist" if not path.exists() else "has no config.toml, so it is no run"
            raise GanatomyError(f"{path} {what}; give a run's folder, such as runs/dcgan-digits-s0")
        return run

    def discard(self) -> None:
        """Remove what a run that could not start left in the folder that `create` claimed, and then the folder."""
        for entry in (self.config, self.environment, self.history_file, self.gif, self.program, self.diagnosis):
            entry.unlink(missing_ok=True)
        for entry in (self.samples, self.checkpoints, self.milestones, self.best, self.code):
            shutil.rmtree(entry, ignore_errors=True)
        for entry in self.path.glob("events.out.tfevents.*"):
            entry.unlink()
        if {entry.name for entry in self.path.iterdir()} <= self._lock.names:
            shutil.rmtree(self.path, ignore_errors=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for this process, and remove what a killed one left half written.

        Raises:
            InUse: another process holds it; the message has its PID and host.
            GanatomyError: the folder cannot be written.
        """
        with self._lock.held():
            for parent in (self.path, self.samples, self.checkpoints, self.milestones, self.best):
                atomic.clean(parent)
            yield

    # ---- settings and environment

    def write_config(self, settings: Tree, resolved: Tree, codes: Mapping[str, Code] | None = None) -> None:
        """Write config.toml, and a copy of the code of each leaf from outside: {section: its code}."""
        content = {**settings, "resolved": resolved}
        if codes:
            content["code"] = {section: self._keep(section, code) for section, code in codes.items()}
        head = "# Written by ganatomy: this run's complete settings; [resolved] is what the data decided.\n"
        atomic.write(self.config, head + tomli_w.dumps(content))

    def _keep(self, section: str, code: Code) -> Tree:
        if code.text is None:
            return {"reference": code.reference}
        copy = self.code / section / code.file_name
        copy.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(copy, code.text)
        return {
            "reference": code.reference,
            "sha256": code.sha256,
            "file": copy.relative_to(self.path).as_posix(),
        }

    def read_config(self) -> tuple[Tree, Tree]:
        """The settings, and the facts under [resolved].

        Raises:
            GanatomyError: the file is no TOML.
        """
        content = self._read_config()
        resolved = content.pop("resolved", {})
        content.pop("code", None)
        return content, resolved

    def read_code(self) -> dict[str, Tree]:
        """{section: reference, sha256 and file} of the leaves from outside."""
        found: dict[str, Tree] = self._read_config().get("code", {})
        return found

    def _read_config(self) -> Tree:
        try:
            return tomllib.loads(self.config.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise GanatomyError(f"{self.config} is damaged: {error}") from error

    def add_environment(self, session: Record) -> None:
        """Add what one process ran on: env.json lists every process that trained this run."""
        atomic.write(self.environment, json.dumps([*self.environments(), session], indent=1))

    def environments(self) -> list[Record]:
        """What each process that trained this run ran on, oldest first."""
        try:
            sessions: list[Record] = json.loads(self.environment.read_text())
        except (OSError, ValueError):
            return []
        return sessions

    # ---- history

    def append_history(self, record: Record) -> None:
        with self.history_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def sync_history(self) -> None:
        """Make the lines so far survive a power cut."""
        if self.history_file.exists():
            with self.history_file.open("r+b") as file:
                os.fsync(file.fileno())

    def history(self) -> list[Record]:
        """All whole lines; a killed process may leave half of one at the end."""
        records: list[Record] = []
        if self.history_file.exists():
            for line in self.history_file.read_bytes().splitlines():
                try:
                    records.append(json.loads(line))
                except ValueError:  # of JSON or of UTF-8
                    break
        return records

    def keep_history(self, is_kept: Callable[[Record], bool]) -> None:
        """Rewrite the history with those lines alone."""
        lines = [json.dumps(record) + "\n" for record in self.history() if is_kept(record)]
        atomic.write(self.history_file, "".join(lines))

    # ---- tidying

    def prune_checkpoints(self, keep: int) -> None:
        """Remove all but the newest `keep` checkpoints."""
        for update in self.checkpoint_updates()[:-keep]:
            atomic.remove(self.checkpoint(update))

    def forget_after(self, update: int) -> None:
        """Remove checkpoints, milestones and best weights after an update: the run continues from there."""
        for later in self.checkpoint_updates():
            if later > update:
                atomic.remove(self.checkpoint(later))
        for later in self.milestone_updates():
            if later > update:
                atomic.remove(self.milestone(later))
        for later in self.best_updates():
            if later > update:
                atomic.remove(self.best_step(later))


def is_scored(record: Record) -> bool:
    """Whether a line of the history holds scores (metric/*), and not losses."""
    return any(name.startswith("metric/") for name in record)


def _taken(path: Path) -> GanatomyError:
    if (path / "config.toml").exists():
        return GanatomyError(
            f"{path} holds a run already; continue it with: {paths.command('ganatomy', 'resume', path)}; or give another out="
        )
    return GanatomyError(f"{path} is not empty; give a new folder with out=FOLDER")


def _updates(parent: Path) -> list[int]:
    if not parent.is_dir():
        return []
    numbers = (entry.name.removeprefix("step-") for entry in parent.glob("step-*") if entry.is_dir())
    return sorted(int(number) for number in numbers if number.isdigit())
