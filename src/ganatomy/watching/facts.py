"""Facts of a recorded loop that are no settings of ganatomy's: the sizes of its networks, its steps, its clipping, its code."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from torch import nn

from ganatomy import atomic
from ganatomy.config import Tree
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.recorded import script_of
from ganatomy.watching.evidence import Evidence
from ganatomy.watching.seen import Role

ASSIGNMENT = "# ganatomy lab: "
"""What code of the lab has in its first line. Other code is not kept: it may hold what is nobody's business."""
MARK = re.compile(r"^\s*# \[\d+\]", re.MULTILINE)
PLAYERS: dict[Role, str] = {"G": "generator", "D": "discriminator"}


def at_first(folder: RunFolder, networks: Mapping[Role, nn.Module], planned: int | None) -> Tree:
    """What is known as a recording begins; keeps the code of an assignment in the run's folder.

    Args:
        planned: iterations that the loop is to have, where it said so.
    """
    found: Tree = {"script": script_of(sys.argv)}
    if planned is not None:
        found["planned"] = planned
    with contextlib.suppress(ValueError, RuntimeError):  # of lazy layers without weights
        found["parameters"] = {
            PLAYERS[role]: sum(each.numel() for each in network.parameters()) for role, network in networks.items()
        }
    with contextlib.suppress(OSError, UnicodeError):
        if code := _code():
            found["code"] = _keep(folder, *code)
    return found


def at_last(evidence: Evidence) -> Tree:
    """What the whole loop has shown: steps of each network in an iteration, and the bound of D's weights."""
    found: Tree = {}
    if evidence.count:
        found["steps"] = {PLAYERS[role]: round(evidence.steps_of[role] / evidence.count, 2) for role in PLAYERS}
    if evidence.is_clipped("D"):
        found["clipped"] = float(f"{evidence.written('D')[-1].largest:.6g}")  # float32's 0.01 is 0.009999999776
    return found


def _keep(folder: RunFolder, name: str, text: str) -> Tree:
    copy = folder.code / "loop" / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(copy, text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"file": copy.relative_to(folder.path).as_posix(), "sha256": digest}


def _code() -> tuple[str, str] | None:
    """(name, text) of the assignment that runs: of the script, or of the notebook's cells as they were run last."""
    shell = _shell()
    if shell is not None:
        cells = [str(cell) for cell in shell.history_manager.input_hist_raw]  # type: ignore[attr-defined]
        kept = [cell for cell in cells if ASSIGNMENT in cell or MARK.search(cell) or "ganatomy.watch(" in cell]
        text = "\n".join(kept) + "\n"
        return ("notebook.py", text) if any(ASSIGNMENT in cell for cell in kept) else None
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script is None or Path(script).suffix != ".py":
        return None
    text = Path(script).read_text("utf-8")
    return (Path(script).name.lstrip("."), text) if ASSIGNMENT in text else None


def _shell() -> object | None:
    """IPython's, where the loop runs in one."""
    found = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return found if hasattr(found, "history_manager") else None
