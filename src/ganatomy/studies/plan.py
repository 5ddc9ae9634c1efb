"""A study's plan: arms x seeds x budgets, and at which points of a run it is scored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ganatomy.errors import UsageError, nearest
from ganatomy.runs.milestones import percent_of
from ganatomy.studies.budget import Budget
from ganatomy.words import Words

POINTS = ("0%", "25%", "50%", "75%", "100%", "best")
"""Where a run is scored unless its study says otherwise."""


@dataclass(frozen=True)
class Arm:
    """One of the things that a study compares: a recipe with changes."""

    name: str
    """Short, of letters, digits, dots and dashes: in tables, legends and on the command line."""
    recipe: str
    """A shipped recipe's name, or the path of a TOML file."""
    settings: tuple[str, ...]
    """All changes to the recipe, `key=value`, the later ones win; without budget and seed."""
    title: Words
    """For the reader; the name where nothing else is given."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """What is trained, and how it is judged. Every arm is trained with every seed under every budget that it has."""

    name: str
    level: str
    title: Words
    about: Words
    """What is compared, and why; a few sentences."""
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    budgets: tuple[Budget, ...]
    changes: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """{budget: {arm: settings}}: what a budget changes, such as how often a run is logged."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """{budget: the arms that are trained under it}; a budget that is not here is every arm's."""
    fewer: Mapping[str, int] = field(default_factory=dict)
    """{arm: with how many of the seeds, from the first, it is trained}; an arm that is not here with all."""
    points: tuple[str, ...] = POINTS
    """Percents of the run ("50%") or "best": the weights that are scored. 100% is the last."""
    n: int | None = None
    """Images to score with; None: as `ganatomy evaluate` does."""
    features: str | None = None
    metrics: tuple[str, ...] | None = None
    threads: int = 1
    """Threads of each run. The last bits, and what seconds buy, depend on it, so it is the study's and not the machine's."""

    @property
    def milestones(self) -> tuple[int, ...]:
        """The percents at which runs must keep their generator."""
        return tuple(
            sorted(
                {0, 25, 50, 75, 100} | {percent for point in self.points if (percent := percent_of(point)) is not None}
            )
        )

    def has(self, arm: Arm, budget: Budget) -> bool:
        """Whether an arm is trained under a budget."""
        return arm.name in self.only.get(str(budget), (arm.name,))

    def seeds_of(self, arm: Arm) -> tuple[int, ...]:
        """The seeds that an arm is trained with."""
        return self.seeds[: self.fewer.get(arm.name, len(self.seeds))]

    def settings(self, arm: Arm, budget: Budget) -> tuple[str, ...]:
        """All changes to an arm's recipe under a budget."""
        return merged(arm.settings, self.changes.get(str(budget), {}).get(arm.name, ()))

    def arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            UsageError: there is none; with the nearest.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise UsageError(f"study {self.name} has no arm {name!r}; {nearest(name, [arm.name for arm in self.arms])}")


def merged(*groups: Sequence[str]) -> tuple[str, ...]:
    """Settings of several origins as one list, where the later ones win."""
    return tuple({word.partition("=")[0].strip(): word for group in groups for word in group}.values())


def weights_of(point: str) -> str:
    """The weights of a finished run that a point names, as `load` takes them: its end is the `last`."""
    return "last" if point == "100%" else point


def errors_of(study: Study) -> list[str]:
    """What is wrong with a plan, its settings aside, a line each."""
    errors = []
    if not study.arms:
        errors.append("arms: at least one is needed")
    for what, found in (("arm", [arm.name for arm in study.arms]), ("seed", study.seeds), ("budget", study.budgets)):
        if len(set(found)) < len(found):
            errors.append(f"{what}s: each only once, found {', '.join(map(str, found))}")
    errors += [
        f"arm {arm.name!r}: its name must be of letters, digits, dots, dashes and underscores, because folders are named by it"
        for arm in study.arms
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", arm.name)
    ]
    errors += [f"{what}: at least one is needed" for what, found in _needed(study) if not found]
    errors += [
        f"point {point!r}: must be a percent of the run such as '50%', or 'best'"
        for point in study.points
        if point != "best" and percent_of(point) is None
    ]
    if study.points and "100%" not in study.points:
        errors.append("points: '100%' must be one of them, because tables and claims speak of the end of the runs")
    return errors


def _needed(study: Study) -> Sequence[tuple[str, Sequence[object]]]:
    return ("seeds", study.seeds), ("budgets", study.budgets), ("points", study.points)
