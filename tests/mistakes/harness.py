"""Runs the small trainers of this folder as their authors would, and returns what was found."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import torch

from ganatomy.watching import Finding, Watch

HERE = Path(__file__).parent
STEPS = 200


class Enough(Exception):
    """Ends a trainer's loop."""


@dataclass(frozen=True)
class Trainer:
    """A script `SYSTEM_MISTAKE_NUMBER.py`, or `SYSTEM_healthy_WORD.py`."""

    path: Path

    @property
    def system(self) -> str:
        return self.path.stem.split("_")[0]

    @property
    def mistake(self) -> str | None:
        """The name of its mistake; None where it has none."""
        words = self.path.stem.split("_")[1:]
        return None if words[0] == "healthy" else "-".join(words[:-1])

    def __str__(self) -> str:
        return self.path.stem


def trainers(half: str) -> list[Trainer]:
    """The trainers of `design`, which the rules were written with, or of `held_out`, which they were measured on."""
    return [Trainer(path) for path in sorted((HERE / half).glob("*.py"))]


def diagnose(trainer: Trainer, seed: int, steps: int = STEPS) -> list[Finding]:
    """What `watch.diagnose()` returns after so many steps, or after the trainer's own end or error."""
    watches: list[Watch] = []

    begin = Watch._begin

    def watched(self: Watch) -> None:
        if self.iterations == 0:
            watches.append(self)
        if self.iterations >= steps:
            raise Enough
        begin(self)

    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        with (
            mock.patch.object(Watch, "_begin", watched),
            mock.patch.object(sys, "path", [str(HERE), *sys.path]),
            warnings.catch_warnings(action="ignore"),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            # Some mistakes end in an error, as BCELoss given NaN: what was seen until then counts.
            contextlib.suppress(Enough, RuntimeError, ValueError),
        ):
            runpy.run_path(str(trainer.path), run_name="__main__")
    finally:
        torch.random.set_rng_state(state)
    assert watches, f"{trainer} made no watch"
    with watches[0] as seen:
        return seen.diagnose()
