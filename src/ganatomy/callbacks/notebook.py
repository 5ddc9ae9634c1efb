"""Samples and losses below the cell of a notebook, drawn anew while a loop runs."""

from __future__ import annotations

import base64
import io
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ganatomy import images
from ganatomy.runs.events import Callback, End, Scores, Step

SECONDS = 5.0
"""Between two drawings, at least."""
SHARE = 0.02
"""Of the time that drawing may take."""
COLOURS = {"discriminator": "#0072B2", "generator": "#D55E00"}
"""Two of Okabe and Ito's palette, which the colour-blind can tell apart."""


def in_notebook() -> bool:
    """Whether this runs in a kernel that shows pictures, as Jupyter's and Colab's."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and hasattr(shell, "kernel")


class Notebook(Callback):
    """Shows a grid of samples next to both losses, in one place that is refreshed."""

    def __init__(self, draw: Callable[[], np.ndarray] | None, scatter_limit: float | None = None) -> None:
        """`draw` returns samples of the generator as it is; None where there are none."""
        self._draw = draw
        self._limit = scatter_limit
        self._steps: list[int] = []
        self._losses: dict[str, list[float]] = {player: [] for player in COLOURS}
        self._said = ""
        self._handle: Any = None
        self._cell: int | None = None
        self._next = 0.0

    def on_step(self, event: Step) -> None:
        if not event.values:
            return
        self._steps.append(event.update)
        for player, losses in self._losses.items():
            losses.append(event.values.get(f"loss/{player}", float("nan")))
        if time.perf_counter() >= self._next:
            self._show()

    def on_scores(self, event: Scores) -> None:
        found = [f"{name.removeprefix('metric/')} {value:.4g}" for name, value in event.values.items()]
        self._said = f"step {event.update:,}: {', '.join(found)}"

    def on_end(self, event: End) -> None:
        self._show()

    def _show(self) -> None:
        shell = sys.modules["IPython"].display  # it is loaded where there is a notebook
        began = time.perf_counter()
        shown = shell.HTML(f"<div>{''.join(map(_image, self._pictures()))}<br><small>{self._said}</small></div>")
        cell = getattr(sys.modules["IPython"].get_ipython(), "execution_count", None)
        if self._handle is None or cell != self._cell:  # the loop's cell was run again
            self._handle, self._cell = shell.display(shown, display_id=True), cell
        else:
            self._handle.update(shown)
        now = time.perf_counter()
        self._next = now + max(SECONDS, (now - began) / SHARE)

    def _pictures(self) -> list[bytes]:
        found = []
        if self._draw is not None:
            buffer = io.BytesIO()
            images.pillow(images.picture(self._draw(), limit=self._limit)).save(buffer, "PNG")
            found.append(buffer.getvalue())
        figure = Figure(figsize=(5.4, 3.2), dpi=80, layout="constrained")
        axis = figure.subplots()
        for player, colour in COLOURS.items():
            axis.plot(self._steps, self._losses[player], color=colour, linewidth=1.1, label=player)
        axis.set(xlabel="step", ylabel="loss")
        axis.grid(alpha=0.25)
        axis.legend(fontsize=8)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return [*found, buffer.getvalue()]


def _image(content: bytes) -> str:
    style = "display:inline-block;vertical-align:top;height:256px;margin-right:8px"
    return f'<img style="{style}" src="data:image/png;base64,{base64.b64encode(content).decode()}">'
