"""The milestones' pictures: one PNG a percentage, and a GIF of them all."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ganatomy import images
from ganatomy.callbacks.base import Callback, Milestone, Start
from ganatomy.run import RunFolder


class Samples(Callback):
    """Writes samples/pct_PPP.png at each milestone, plain pixels of the known range, and samples.gif anew."""

    def __init__(self, scatter_limit: float | None = None) -> None:
        self._limit = scatter_limit
        self._run: RunFolder | None = None

    def on_start(self, event: Start) -> None:
        self._run = event.run
        self._run.samples.mkdir(exist_ok=True)

    def on_milestone(self, event: Milestone) -> None:
        assert self._run is not None
        sheet = images.picture(event.images, limit=self._limit)
        for percent in event.percents:
            images.save_png(self._run.sample_file(percent), sheet)
        frames = [np.atleast_3d(np.asarray(Image.open(file))) for file in sorted(self._run.samples.glob("pct_*.png"))]
        images.save_gif(self._run.gif, frames)
