"""The milestones' pictures: one PNG a percentage, and a GIF of them all."""

from __future__ import annotations

import logging

import numpy as np
from PIL import Image

from ganatomy import images
from ganatomy.errors import GanatomyError
from ganatomy.runs import checkpoint
from ganatomy.runs.events import SAMPLES, Callback, Milestone, Start
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.networks import copied

log = logging.getLogger("ganatomy")


class Samples(Callback):
    """Writes samples/pct_PPP.png at each milestone, plain pixels of the known range, and samples.gif anew."""

    def __init__(self, scatter_limit: float | None = None) -> None:
        self._limit = scatter_limit
        self._run: RunFolder | None = None

    @property
    def run(self) -> RunFolder:
        assert self._run is not None
        return self._run

    def on_start(self, event: Start) -> None:
        self._run = event.run
        self.run.samples.mkdir(exist_ok=True)
        self._redraw(event)

    def _redraw(self, event: Start) -> None:
        """Bring the pictures to the milestones kept so far, under the percentages of the run's present length.

        They are drawn again from the milestones' generators, not renamed: so it does not matter what a process that
        was killed in between has left. On the run's device, as the first time: another one rounds differently.
        """
        wanted = []
        generator = copied(event.generator).to(event.device)
        for update, percents in event.milestones.items():
            files = [self.run.sample_file(percent) for percent in percents] or [self.run.former_sample_file(update)]
            wanted += files
            try:
                weights = checkpoint.load(self.run.milestone(update)).tensors["generator"]
            except GanatomyError as error:
                log.warning("the picture of update %d is left as it is: %s", update, error)
                continue
            generator.load_state_dict(weights)
            made = event.sampler(generator, event.device).draw(SAMPLES, event.config.seed)
            for file in files:
                images.save_png(file, images.picture(made, limit=self._limit))
        for file in self.run.sample_files():
            if file not in wanted:
                file.unlink()
        self._animate()

    def on_milestone(self, event: Milestone) -> None:
        sheet = images.picture(event.images, limit=self._limit)
        for percent in event.percents:
            images.save_png(self.run.sample_file(percent), sheet)
        self._animate()

    def _animate(self) -> None:
        files = [file for file in self.run.sample_files() if file.name.startswith("pct_")]
        if files:
            images.save_gif(self.run.gif, [np.atleast_3d(np.asarray(Image.open(file))) for file in files])
