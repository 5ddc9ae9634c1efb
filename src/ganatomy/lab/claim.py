"""What a claim is made of: its texts, the experiment that tests it, what is measured, and what is predicted."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ganatomy.lab.texts import TEXTS
from ganatomy.studies import file
from ganatomy.studies.file import ArmTable, LevelTable, StudyFile
from ganatomy.studies.plan import Study
from ganatomy.studies.results import Results
from ganatomy.studies.sequential import LOOKS
from ganatomy.words import Words, filled

Values = dict[str, dict[int, float | None]]
"""{arm or group: {seed: value}}; None where a run has none."""

Level = Literal["quick", "medium", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Each larger than the one before: the digits for minutes, MNIST for hours, the lab's own length."""

Ruling = Literal["supported", "refuted", "not decided", "definition"]
RULINGS: dict[Ruling, Words] = {ruling: TEXTS[f"rulings.{ruling}"] for ruling in get_args(Ruling)}

REPORT = TEXTS["claimant"]
"""Who makes most of the claims."""


@dataclass(frozen=True)
class Quantity:
    """A measure of every run of a study, or of groups of runs."""

    name: str
    """Short: it is used in tables and in predictions."""
    title: Words
    """With its unit, and what more means."""
    measure: Callable[[Results], Values]


@dataclass(frozen=True)
class Prediction:
    """What the claim predicts: a quantity is higher (or lower) in one arm than in another, or than a number."""

    quantity: str
    arm: str
    relation: Literal["higher", "lower"]
    other: str | float
    """Another arm, compared seed by seed; or a number."""
    margin: float = 0.0
    """The smallest difference that would matter; 0 where it has no vote."""

    def words(self, titles: Mapping[str, Words], arms: Mapping[str, Words]) -> Words:
        """The prediction in both languages; `titles` has the quantities', `arms` those of arms that have one."""
        other = arms.get(self.other, self.other) if isinstance(self.other, str) else f"{self.other:g}"
        text = TEXTS[f"prediction.{self.relation}"]
        prediction = filled(text, title=titles[self.quantity], arm=arms.get(self.arm, self.arm), other=other)
        if not self.margin:
            return prediction
        return filled(TEXTS["prediction.margin"], prediction=prediction, margin=f"{self.margin:g}")


class Experiment(ABC):
    """Where a claim's values come from."""

    @abstractmethod
    def levels(self) -> Sequence[str]:
        """The levels it can be run at, `quick` first."""

    @abstractmethod
    def most(self, level: str) -> int:
        """Seeds at most."""

    @abstractmethod
    def study(self, name: str, level: str, seeds: int) -> Study | None:
        """The study that it trains, with the first so many seeds; None if it computes without one."""


@dataclass(frozen=True)
class Trained(Experiment):
    """A study of its own: arms, and seeds and budgets at each level."""

    arms: tuple[ArmTable, ...]
    at: Mapping[str, LevelTable]
    """With all the seeds that it may take."""
    deciding: frozenset[str] | None = None
    """The arms that the verdict rests on; the others have the seeds of the first look. None: all."""

    def levels(self) -> Sequence[str]:
        return list(self.at)

    def most(self, level: str) -> int:
        return len(self.at[level].seeds)

    def study(self, name: str, level: str, seeds: int) -> Study:
        title = filled(TEXTS["study"], name=name)
        plan = StudyFile(title=title, about=title, arms=self.arms, levels=self.at)
        study = file.plan_of(f"claim-{name}", plan, level, seeds=self.at[level].seeds[:seeds])
        others = {arm.name for arm in self.arms} - (self.deciding or {arm.name for arm in self.arms})
        return dataclasses.replace(study, fewer=dict.fromkeys(sorted(others), LOOKS[0]))


@dataclass(frozen=True)
class Computed(Experiment):
    """A computation that trains no run: {quantity: values} of the first so many seeds."""

    compute: Callable[[int], dict[str, Values]]
    titles: Mapping[str, Words]
    seeds: int = 16

    def levels(self) -> Sequence[str]:
        return ["quick"]

    def most(self, level: str) -> int:
        return self.seeds

    def study(self, name: str, level: str, seeds: int) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim as it is tested: its primary prediction carries the verdict, and nothing else does."""

    name: str
    """`q5-collapse`, as its file."""
    question: str
    text: Words
    claimant: Words = REPORT
    design: Words
    """The experiment in words: what is varied, what is held fixed, why this decides."""
    experiment: Experiment
    quantities: tuple[Quantity, ...] = ()
    primary: Prediction | None
    """None of a definition, which is shown and not tested."""
    secondary: tuple[Prediction, ...] = ()
    """What is reported with its interval, without a vote."""
    premises: tuple[Prediction, ...] = ()
    """What must hold for the experiment to decide, as that an arm is in the state it stands for."""
    meanings: Mapping[Ruling, Words]
    """What each outcome means."""
    literature: Words
    """What others found, with references."""
    digests: Mapping[str, str]
    """{level: SHA-256 over what the experiment is at it: arms, settings, quantities and predictions, without texts}."""
    file: str | None = None
    """The path of a user's own; None for one of the package."""

    @property
    def titles(self) -> dict[str, Words]:
        """{quantity: its title}."""
        computed = self.experiment.titles if isinstance(self.experiment, Computed) else {}
        return {**computed, **{quantity.name: quantity.title for quantity in self.quantities}}

    @property
    def arms(self) -> dict[str, Words]:
        """{arm: its title}, of the arms that have one."""
        arms = self.experiment.arms if isinstance(self.experiment, Trained) else ()
        return {arm.name: arm.title for arm in arms if arm.title is not None}

    def words(self, prediction: Prediction) -> Words:
        """One of its predictions in both languages."""
        return prediction.words(self.titles, self.arms)
