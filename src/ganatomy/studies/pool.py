"""The runs that studies share, which of them are trained, and why some failed. Reads run folders, never the trainer."""

from __future__ import annotations

import json
from pathlib import Path

from ganatomy import atomic
from ganatomy.runs import checkpoint
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.run import Run
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
        self._faults = studies / "faults"

    def fault(self, run: Path) -> str | None:
        """Why a run failed; None where it did not."""
        try:
            fault: str = json.loads(self._fault_file(run).read_text(encoding="utf-8"))["fault"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"{self._fault_file(run)} cannot be read: {error}"
        return fault

    def set_fault(self, run: Path, fault: str | None) -> None:
        """Remember why a run failed, or that it no longer does."""
        if fault is None:
            self._fault_file(run).unlink(missing_ok=True)
        else:
            self._faults.mkdir(parents=True, exist_ok=True)
            atomic.write(self._fault_file(run), json.dumps({"run": run.name, "fault": fault}, ensure_ascii=False))

    def _fault_file(self, run: Path) -> Path:
        return self._faults / f"{run.name}.json"

    def state(self, run: Path) -> tuple[State, str | None]:
        """A run's state, and its fault if it failed."""
        fault = self.fault(run)
        if fault is not None:
            return "failed", fault
        return ("finished" if is_trained(run) else "waiting"), None
