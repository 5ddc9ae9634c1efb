"""A claim as a TOML file: one that comes with the package, or a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any, ClassVar, Literal

from pydantic import TypeAdapter, ValidationError, model_validator

from ganatomy.errors import UsageError, nearest
from ganatomy.lab import saturation
from ganatomy.lab.claim import REPORT, Claim, Computed, Experiment, OfStudy, Prediction, Trained
from ganatomy.lab.expansion import Expansion, Shared, toml
from ganatomy.lab.quantity_table import QuantityTable
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.finding import RULINGS, Ruling
from ganatomy.words import Words, texts_of

COMPUTED = {"saturation": Computed(saturation.compute, saturation.TITLES)}
"""Experiments that train no run, by name."""


@dataclass(frozen=True, kw_only=True)
class PredictionTable:
    """An entry of `predictions` or `premises`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    quantity: str
    arm: str
    higher_than: float | str | None = None
    """Another arm, or a number."""
    lower_than: float | str | None = None
    least: float = 0.0

    def prediction(self) -> Prediction:
        """The prediction as it is tested."""
        if self.higher_than is not None:
            return Prediction(self.quantity, self.arm, "higher", self.higher_than, self.least)
        assert self.lower_than is not None
        return Prediction(self.quantity, self.arm, "lower", self.lower_than, self.least)

    @model_validator(mode="after")
    def _check(self) -> PredictionTable:
        if (self.higher_than is None) == (self.lower_than is None):
            raise ValueError("needs either higher_than or lower_than: an arm, or a number")
        return self


@dataclass(frozen=True, kw_only=True)
class ClaimFile:
    """A claim's whole file, with what it shares with others filled in."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    question: str = "-"
    text: Words
    claimant: Words = REPORT
    design: Words
    arms: tuple[ArmTable, ...] = ()
    levels: Mapping[str, LevelTable] = field(default_factory=dict)
    study: str | None = None
    """Instead of arms and levels: a study of the package."""
    computed: Literal["saturation"] | None = None
    """Instead of arms and levels: an experiment that trains no run."""
    quantities: tuple[QuantityTable, ...] = ()
    predictions: tuple[PredictionTable, ...]
    premises: tuple[PredictionTable, ...] = ()
    meanings: Mapping[Ruling, Words]
    literature: Words

    @model_validator(mode="after")
    def _check(self) -> ClaimFile:
        errors = []
        if sum((bool(self.arms and self.levels), self.study is not None, self.computed is not None)) != 1:
            errors.append("needs one experiment: arms and levels, or study, or computed")
        if not self.predictions:
            errors.append("predictions: at least one is needed")
        errors += [f"meanings: {each!r} is missing" for each in RULINGS if each not in self.meanings]
        known = [each.quantity().name for each in self.quantities]
        known += [] if self.computed is None else COMPUTED[self.computed].titles
        errors += [
            f"a prediction is about {each.quantity!r}, which is not measured; {nearest(each.quantity, known)}"
            for each in (*self.premises, *self.predictions)
            if each.quantity not in known
        ]
        if errors:
            raise ValueError("; ".join(errors))
        return self

    def experiment(self) -> Experiment:
        """Where the values come from."""
        if self.computed is not None:
            return COMPUTED[self.computed]
        return OfStudy(self.study) if self.study is not None else Trained(self.arms, self.levels)


def read(folder: Traversable, name: str, shared: Shared, own: bool = False) -> Claim:
    """The claim of `NAME.toml` in a folder, with the Chinese of `zh/NAME.toml`.

    Args:
        folder: where it is.
        name: the claim's.
        shared: what it may refer to.
        own: whether it is a user's, whose texts may be in English only.

    Raises:
        UsageError: it cannot be read, or is not such a TOML file; all errors in one message.
    """
    path, translation = folder / f"{name}.toml", folder / "zh" / f"{name}.toml"
    expansion = Expansion(toml(path), texts_of(toml(translation), "zh") if translation.is_file() else {}, shared)
    tree = expansion.tree()
    errors = list(expansion.errors)
    try:
        found = TypeAdapter(ClaimFile).validate_python(tree)
    except ValidationError as error:
        errors += [f"{'.'.join(map(str, each['loc'])) or 'claim'}: {each['msg']}" for each in error.errors()]
    if errors:
        raise UsageError(f"claim {path} is wrong:\n" + "\n".join(f"  {each}" for each in errors))
    return Claim(
        name=name,
        question=found.question,
        text=found.text,
        claimant=found.claimant,
        design=found.design,
        experiment=found.experiment(),
        quantities=tuple(each.quantity() for each in found.quantities),
        predictions=tuple(each.prediction() for each in found.predictions),
        premises=tuple(each.prediction() for each in found.premises),
        meanings={ruling: found.meanings[ruling] for ruling in RULINGS},
        literature=found.literature,
        file=str(path) if own else None,
    )
