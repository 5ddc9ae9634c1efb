"""Scores of images that no run here made, as a row of the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ganatomy.evaluation import Evaluation
from ganatomy.report.wording import plain
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Arm
from ganatomy.studies.results import Trial


@dataclass(frozen=True)
class OutsideTrial(Trial):
    """One set of images with its scores. It has no run, no settings and no curves.

    Its seed is negative, another one for each set: it is paired with no run and no other set.
    """

    evaluation: Evaluation | None = None

    def scores(self, point: str) -> Evaluation | None:
        return self.evaluation if point == "100%" else None


def of_evaluations(
    evaluations: Sequence[Evaluation], budget: Budget, taken: Sequence[str]
) -> tuple[list[Arm], list[OutsideTrial]]:
    """An arm and a trial for each evaluation; `taken` are the names that other arms have."""
    places = [str(each.subject.get("run") or each.subject["samples"]) for each in evaluations]
    files = [Path(place).name or place for place in places]
    arms: list[Arm] = []
    trials = []
    for number, (evaluation, place, file) in enumerate(zip(evaluations, places, files, strict=True), 1):
        title = file if files.count(file) == 1 else place
        stem = re.sub(r"[^\w.-]+", "-", file).strip("-.") or "images"
        names = {*taken, *(arm.name for arm in arms)}
        name = next(each for each in (stem, *(f"{stem}-{k}" for k in range(2, len(names) + 3))) if each not in names)
        arms.append(Arm(name, "", (), plain(title)))
        trials.append(OutsideTrial(name, budget, -number, Path(place), "", "finished", None, evaluation))
    return arms, trials
