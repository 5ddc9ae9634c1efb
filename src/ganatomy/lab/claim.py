"""What a claim is made of: its texts, the experiment that tests it, what is measured, and what is predicted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ganatomy.lab.texts import TEXTS
from ganatomy.studies import file
from ganatomy.studies.file import ArmTable, LevelTable, StudyFile
from ganatomy.studies.finding import Ruling
from ganatomy.studies.plan import Study
from ganatomy.studies.results import Results
from ganatomy.words import Words, filled

Values = dict[str, dict[int, float | None]]
"""{arm or group: {seed: value}}; None where a run has none."""

Level = Literal["quick", "full"]

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
    least: float = 0.0
    """The smallest difference that supports the claim. A difference that is shown to be smaller refutes it; with 0, only
    the opposite direction does."""

    def words(self, titles: Mapping[str, Words]) -> Words:
        """The prediction in both languages; `titles` has the quantities'."""
        other = self.other if isinstance(self.other, str) else f"{self.other:g}"
        text = TEXTS[f"prediction.{self.relation}"]
        prediction = filled(text, title=titles[self.quantity], arm=self.arm, other=other)
        return filled(TEXTS["prediction.least"], prediction=prediction, least=self.least) if self.least else prediction


class Experiment(ABC):
    """Where a claim's values come from."""

    @abstractmethod
    def levels(self) -> Sequence[str]:
        """The levels it can be run at, `quick` first."""

    @abstractmethod
    def study(self, name: str, level: str) -> Study | None:
        """The study that it trains; None if it computes without one."""


@dataclass(frozen=True)
class Trained(Experiment):
    """A study of its own: arms, and seeds and budgets at each level."""

    arms: tuple[ArmTable, ...]
    at: Mapping[str, LevelTable]

    def levels(self) -> Sequence[str]:
        return list(self.at)

    def study(self, name: str, level: str) -> Study:
        title = filled(TEXTS["study"], name=name)
        return file.plan_of(f"claim-{name}", StudyFile(title=title, about=title, arms=self.arms, levels=self.at), level)


@dataclass(frozen=True)
class OfStudy(Experiment):
    """A study that comes with the package; its runs are used for this claim too."""

    name: str
    at: Mapping[str, str] = field(default_factory=lambda: {"quick": "quick", "full": "full"})
    """{the claim's level: the study's}."""

    def levels(self) -> Sequence[str]:
        return list(self.at)

    def study(self, name: str, level: str) -> Study:
        return file.load(self.name, self.at[level])


@dataclass(frozen=True)
class Computed(Experiment):
    """A computation that trains no run: {quantity: values} of a level."""

    compute: Callable[[str], dict[str, Values]]
    titles: Mapping[str, Words]

    def levels(self) -> Sequence[str]:
        return ["quick", "full"]

    def study(self, name: str, level: str) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim as it is tested: supported if every prediction is, refuted if one is, else not decided."""

    name: str
    """`q5-collapse`, as its file."""
    question: str
    text: Words
    claimant: Words = REPORT
    design: Words
    """The experiment in words: what is varied, what is held fixed, why this decides."""
    experiment: Experiment
    quantities: tuple[Quantity, ...] = ()
    predictions: tuple[Prediction, ...]
    premises: tuple[Prediction, ...] = ()
    """What must hold for the experiment to decide; if one is not supported, nothing is decided."""
    meanings: Mapping[Ruling, Words]
    """What each outcome means."""
    literature: Words
    """What others found, with references."""
    file: str | None = None
    """The path of a user's own; None for one of the package."""

    @property
    def titles(self) -> dict[str, Words]:
        """{quantity: its title}."""
        computed = self.experiment.titles if isinstance(self.experiment, Computed) else {}
        return {**computed, **{quantity.name: quantity.title for quantity in self.quantities}}
