"""Room on the disk for a run's checkpoints, asked for before any training."""

from __future__ import annotations

import shutil

from ganatomy.errors import GanatomyError
from ganatomy.players import Players
from ganatomy.run import RunFolder


def check(run: RunFolder, players: Players, kept_checkpoints: int, milestones: int) -> None:
    """Refuse a disk that cannot hold the run.

    Raises:
        GanatomyError: with the space needed and found.
    """
    one = sum(t.numel() * t.element_size() for group in players.tensors().values() for t in group.values())
    generator = sum(t.numel() * t.element_size() for t in players.generator.network.state_dict().values())
    # Adam's two moments are not there yet; one checkpoint more than is kept, for the new one is written first.
    needed = 3 * one * (kept_checkpoints + 1) + generator * milestones
    free = shutil.disk_usage(run.path).free
    if free < needed:
        raise GanatomyError(
            f"the disk of {run.path} has {free / 2**20:.0f} MiB free, and this run needs about "
            f"{needed / 2**20:.0f} MiB for its checkpoints; make room, or give another place with out=FOLDER"
        )
