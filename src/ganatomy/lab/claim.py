"""What a claim is made of: its words, the experiment that tests it, what is measured, and the rule, all fixed beforehand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ganatomy.studies import file
from ganatomy.studies.file import ArmTable, LevelTable, StudyFile
from ganatomy.studies.finding import Ruling
from ganatomy.studies.plan import Study
from ganatomy.studies.results import Results
from ganatomy.studies.words import Words

Values = dict[str, dict[int, float | None]]
"""{arm or group: {seed: value}}; None where a run has none."""

Level = Literal["quick", "full"]

REPORT = Words("the lab report", "实验报告")
"""Who says it, in most cases."""


@dataclass(frozen=True)
class Quantity:
    """Something that is measured on every run of a study, or on groups of them."""

    name: str
    """Short: in tables, and in predictions."""
    title: Words
    """With its unit, and which way is more."""
    measure: Callable[[Results], Values]


@dataclass(frozen=True)
class Prediction:
    """What the claim says must be seen: a quantity is higher (or lower) in one arm than in another, or than a number."""

    quantity: str
    arm: str
    relation: Literal["higher", "lower"]
    other: str | float
    """Another arm, compared seed by seed; or a number."""
    least: float = 0.0
    """The smallest difference that would bear the claim out. One that is shown to be smaller refutes it; 0: only the
    opposite does."""

    def words(self, titles: Mapping[str, Words]) -> Words:
        """The prediction in both languages; `titles` has the quantities'."""
        title = titles[self.quantity]
        margin = f" (by {self.least:g} or more)" if self.least else ""
        margin_zh = f"（至少相差 {self.least:g}）" if self.least else ""
        other = f"{self.other:g}" if isinstance(self.other, float | int) else self.other
        than = {"higher": "高于", "lower": "低于"}[self.relation]
        return Words(
            f"{title.en}: {self.arm} {self.relation} than {other}{margin}",
            f"{title.zh}：{self.arm} {than} {other}{margin_zh}",
        )


class Experiment(ABC):
    """Where a claim's values come from."""

    @abstractmethod
    def levels(self) -> Sequence[str]:
        """The levels it can be run at, `quick` first."""

    @abstractmethod
    def study(self, name: str, level: str) -> Study | None:
        """The study that it trains; None where it computes without one."""


@dataclass(frozen=True)
class Trained(Experiment):
    """A study of its own: arms, seeds, budgets at each level."""

    arms: tuple[ArmTable, ...]
    at: Mapping[str, LevelTable]

    def levels(self) -> Sequence[str]:
        return list(self.at)

    def study(self, name: str, level: str) -> Study:
        title = Words(f"Experiment for the claim {name}", f"论断 {name} 的实验")
        return file.plan_of(f"claim-{name}", StudyFile(title=title, about=title, arms=self.arms, levels=self.at), level)


@dataclass(frozen=True)
class OfStudy(Experiment):
    """A study that comes with the package, whose runs serve this claim too."""

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
    """One claim as it is tested. The rule: supported if every prediction is, refuted if one is, else not decided."""

    name: str
    """`q5-collapse`, as its file, with dashes."""
    question: str
    text: Words
    claimant: Words = REPORT
    design: Words
    """The experiment in words: what is varied, what is held, why this tells."""
    experiment: Experiment
    quantities: tuple[Quantity, ...] = ()
    predictions: tuple[Prediction, ...]
    premises: tuple[Prediction, ...] = ()
    """What must be seen for the experiment to tell anything; where one fails, nothing is decided."""
    meanings: Mapping[Ruling, Words]
    """What each outcome would mean."""
    literature: Words
    """What others found, with references."""

    @property
    def titles(self) -> dict[str, Words]:
        """{quantity: its title}."""
        computed = self.experiment.titles if isinstance(self.experiment, Computed) else {}
        return {**computed, **{quantity.name: quantity.title for quantity in self.quantities}}
