"""Room on the disk for a run's checkpoints, asked for before any training."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from torch import Tensor

from ganatomy.errors import GanatomyError
from ganatomy.runs.folder import RunFolder
from ganatomy.training.players import Players


def check(run: RunFolder, players: Players, kept_checkpoints: int, milestones: int) -> None:
    """Check that the disk can hold the run.

    Raises:
        GanatomyError: with the space needed and found.
    """
    generator = _bytes(players.generator.network.state_dict())
    weights = generator + _bytes(players.discriminator.network.state_dict())
    average = generator if players.average else 0
    one = weights * (1 + players.generator.moments) + average
    # One checkpoint more than is kept, because the new one is written first.
    needed = one * (kept_checkpoints + 1) + generator * milestones
    free = shutil.disk_usage(run.path).free
    if free < needed:
        raise GanatomyError(
            f"the disk of {run.path} has {free / 2**20:.0f} MiB free, and this run needs about "
            f"{needed / 2**20:.0f} MiB for its checkpoints; make room, or give another place with out=FOLDER"
        )


def _bytes(tensors: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
