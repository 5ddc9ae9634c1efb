"""Which update of a run stands for which of its percentages: for names of pictures, tags, and what is due when."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ganatomy.config import Train
from ganatomy.config.timeline import Timeline

Kept = dict[int, tuple[int, ...]]
"""{update: the percentages it stands for}; none for a milestone of an earlier, shorter length."""


class Milestones:
    """The milestones a run has passed, whatever its length is counted in."""

    def __init__(self, train: Train, timeline: Timeline) -> None:
        self._percents = sorted(set(train.milestones))
        self._seconds = train.seconds
        self._planned = timeline.milestones(tuple(self._percents))
        self._passed: set[int] = set()
        self.kept: Kept = {}

    def due(self, update: int, seconds: float) -> tuple[int, ...]:
        """The percentages that this update is the first to reach; they count as kept from now on."""
        if self._seconds is None:
            found = self._planned.get(update, ())
        else:
            found = tuple(percent for percent in self._reached(seconds) if percent not in self._passed)
        self._passed |= set(found)
        if found:
            self.kept[update] = found
        return found

    def restore(self, kept: Kept, seconds: float, length_changed: bool) -> None:
        """Take up what a checkpoint recorded.

        Of a run that has a new length now, each kept update gets the percentages it has in that. Where seconds decide
        these cannot be known afterwards, except 0; what is past has then no picture.
        """
        if length_changed and self._seconds is None:
            kept = {update: self._planned.get(update, ()) for update in kept}
        elif length_changed:
            kept = {update: (0,) if update == 0 and 0 in self._percents else () for update in kept}
            self._passed = set(self._reached(seconds))
        self.kept = kept
        self._passed |= {percent for percents in kept.values() for percent in percents}

    def _reached(self, seconds: float) -> list[int]:
        assert self._seconds is not None
        return [percent for percent in self._percents if 100 * seconds / self._seconds >= percent]

    def state(self) -> list[list[object]]:
        """As JSON."""
        return [[update, list(percents)] for update, percents in self.kept.items()]


def kept_of(state: list[list[object]]) -> Kept:
    """The inverse of `Milestones.state`."""
    return {update: tuple(percents) for update, percents in state}  # type: ignore[misc, arg-type]


def percent_of(name: str) -> int | None:
    """The percentage of a milestone's name ("50%"); None where it names none."""
    match = re.fullmatch(r"(\d{1,3})%", name)
    return int(match[1]) if match and int(match[1]) <= 100 else None


USUAL = (0, 25, 50, 75, 100)
SLACK = 4
"""Percent of a run by which a milestone may lie beside a usual one to be shown under it."""


def under(milestones: Iterable[int]) -> dict[int, int]:
    """{percentage it is shown under: milestone} of a run.

    A recorded loop may have ended at another step than was known, and then has 26 % where others have 25 %.

    >>> under((0, 26, 52, 78, 100)), under((0, 2, 4))
    ({0: 0, 25: 26, 50: 52, 75: 78, 100: 100}, {0: 0, 2: 2, 4: 4})
    """
    left, found = sorted(milestones), {}
    for usual in USUAL:
        near = [each for each in left if abs(each - usual) <= SLACK]
        if near:
            found[usual] = min(near, key=lambda each: abs(each - usual))
            left.remove(found[usual])
    return dict(sorted((found | {each: each for each in left}).items()))
