"""The runs that studies share, which of them are trained, and why some failed. Reads run folders, never the trainer."""

from __future__ import annotations

import json
from pathlib import Path

from ganatomy import atomic
from ganatomy.runs import checkpoint
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.run import Run
from ganatomy.studies.failure import Failure
from ganatomy.studies.results import State


def is_trained(path: Path) -> bool:
    """Whether a run's last checkpoint stands at its end."""
    folder = RunFolder(path)
    updates = folder.checkpoint_updates() if folder.config.is_file() else []
    if not updates:
        return False
    try:
        state = checkpoint.state(folder.checkpoint(updates[-1]))
    except checkpoint.DamagedCheckpoint:
        return False  # resuming takes the one before
    _, resolved = folder.read_config()
    total = resolved.get("updates")
    if total is None:
        return bool(state["seconds"] >= Run(path).config.train.seconds)
    return bool(state["update"] >= total)


class Pool:
    """The runs of all studies below one folder, and why some of them failed."""

    def __init__(self, studies: Path) -> None:
        self.path = studies / "runs"
        self._failures = studies / "faults"

    def failure(self, run: Path) -> Failure | None:
        """Why a run failed; None if it did not."""
        file = self._failure_file(run)
        try:
            return Failure.of_tree(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            return Failure(f"{file} cannot be read: {error}")

    def set_failure(self, run: Path, failure: Failure | None) -> None:
        """Remember why a run failed, or that it no longer does."""
        if failure is None:
            self._failure_file(run).unlink(missing_ok=True)
        else:
            self._failures.mkdir(parents=True, exist_ok=True)
            atomic.write(self._failure_file(run), json.dumps({"run": run.name, **failure.tree}, ensure_ascii=False))

    def _failure_file(self, run: Path) -> Path:
        return self._failures / f"{run.name}.json"

    def state(self, run: Path) -> tuple[State, Failure | None]:
        """A run's state, and why it failed if it did."""
        failure = self.failure(run)
        if failure is not None:
            return "failed", failure
        return ("finished" if is_trained(run) else "waiting"), None
