"""Which steps of a loop get a picture: the quarters of a known length, or steps that are spread evenly over an unknown one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganatomy.runs.milestones import USUAL

MOST = 32
"""Pictures that are kept of a loop of unknown length; a quarter of it is then at most 100 / MOST percent from one of them."""

MOST_LARGE, LARGE = 8, 2**20
"""Of pictures of so many bytes: all are in memory."""


class Pictures:
    """The pictures kept so far."""

    def __init__(self, planned: Mapping[int, tuple[int, ...]], spacing: int) -> None:
        """
        Args:
            planned: {step: percentages} where the length is known; else empty.
            spacing: steps between two pictures at first, where it is not; doubled whenever there are too many.
        """
        self.kept: dict[int, np.ndarray] = {}
        self._spacing = spacing
        self._planned = planned

    def due(self, step: int) -> tuple[int, ...] | None:
        """The percentages that a step stands for, none where the length is unknown; None where it gets no picture."""
        if step == 0:
            return self._planned.get(0, (0,))
        if self._planned:
            return self._planned.get(step)
        return () if step % self._spacing == 0 else None

    def keep(self, step: int, images: np.ndarray) -> list[int]:
        """Keep a step's images; returns the steps that are no longer kept."""
        self.kept[step] = images
        if self._planned or len(self.kept) <= (MOST if images.nbytes < LARGE else MOST_LARGE):
            return []
        self._spacing *= 2
        superseded = [each for each in self.kept if each % self._spacing]
        for each in superseded:
            del self.kept[each]
        return superseded

    def named(self, last: int) -> dict[int, tuple[int, ...]]:
        """{step: its percentages} of the pictures that are nearest to the quarters of a loop that ended at a step."""
        found: dict[int, tuple[int, ...]] = {}
        for quarter in USUAL:
            nearest = min(self.kept, key=lambda step: abs(step - quarter / 100 * last))
            percent = round(100 * nearest / last) if last else quarter
            if percent not in found.get(nearest, ()):
                found[nearest] = (*found.get(nearest, ()), percent)
        return found
