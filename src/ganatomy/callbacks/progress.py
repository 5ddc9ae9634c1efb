"""Progress on stderr: the lab's line at each logged update, and a bar where stderr is a terminal."""

from __future__ import annotations

import os
import random
import sys

import torch

from ganatomy.runs.events import Callback, End, Start, Step

# Rich draws from Python's own generator when it is imported, and what a user's program draws next is the user's.
_state = random.getstate()
from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn  # noqa: E402

random.setstate(_state)


class ProgressLines(Callback):
    """The lab's line: `Epoch 00 | Step 0100 / 469 | Loss_D 1.2345 | Loss_G 0.6789`, running means over the epoch.

    Each player's mean is over its own steps. (The lab divides the sum over WGAN's five critic steps by the number of
    batches, so its Loss_D is five times the critic's.)
    """

    def on_start(self, event: Start) -> None:
        print(computing_line(event), file=sys.stderr, flush=True)

    def on_step(self, event: Step) -> None:
        if event.values:
            print(lab_line(event), file=sys.stderr, flush=True)


def computing_line(event: Start) -> str:
    precision = {"bf16": "bf16 (bfloat16, weights in float32)", "fp32": "fp32"}[event.config.train.precision]
    count = torch.get_num_threads()
    threads = f", {count} thread{'' if count == 1 else 's'}" if event.device == "cpu" else ""
    return f"computing in {precision} on {event.device}{threads}"


def lab_line(event: Step) -> str:
    means = {
        player: event.values.get(f"epoch_mean/{player}", float("nan")) for player in ("discriminator", "generator")
    }
    return (
        f"Epoch {event.epoch:02d} | Step {event.batch:04d} / {event.batches_per_epoch} | "
        f"Loss_D {means['discriminator']:.4f} | Loss_G {means['generator']:.4f}"
    )


class ProgressBar(Callback):
    """A bar below the lab's lines: epochs, images a second, time left, both losses."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._start: Start | None = None

    def on_start(self, event: Start) -> None:
        self._start = event
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=self._total(event), figures="")
        self._bar.update(self._task, completed=self._done(event.update, event.seconds))
        self._bar.start()
        self._bar.console.print(computing_line(event), highlight=False)

    def on_step(self, event: Step) -> None:
        assert self._bar is not None
        if event.values:
            self._bar.console.print(lab_line(event), highlight=False)
            values = event.values
            figures = (
                f"{values['speed/images_per_second']:.0f} images/s  "
                f"D {values['loss/discriminator']:.3f}  G {values['loss/generator']:.3f}"
            )
            self._bar.update(self._task, figures=figures)
        self._bar.update(
            self._task, completed=self._done(event.update, event.seconds), description=self._epoch(event.epoch)
        )

    def _total(self, start: Start) -> float | None:
        return start.resolved.timeline.total_updates or start.config.train.seconds

    def _epoch(self, epoch: int) -> str:
        """`epoch 3 of 30`, counted from 0 like the lab's line."""
        assert self._start is not None
        total = self._start.config.train.epochs
        return f"epoch {epoch:02d}" if total is None else f"epoch {epoch:02d} of {total}"

    def _done(self, update: int, seconds: float) -> float:
        assert self._start is not None
        return update if self._start.resolved.timeline.total_updates else seconds

    def on_end(self, event: End) -> None:
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def progress() -> Callback:
    """The bar on a terminal; plain lines elsewhere, under NO_COLOR and on a dumb terminal."""
    plain = not sys.stderr.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return ProgressLines() if plain else ProgressBar()
