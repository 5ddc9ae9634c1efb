"""Where a run computes."""

from __future__ import annotations

import torch

from ganatomy.errors import GanatomyError


def pick_device(wanted: str) -> str:
    """The device of a setting: `auto` is the GPU if there is one, else the CPU.

    Raises:
        GanatomyError: `cuda` where there is no GPU.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise GanatomyError("train.device = 'cuda': torch finds no GPU here; use train.device=auto")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"
