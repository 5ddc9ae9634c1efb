"""A claim as a TOML file: one that comes with the package, or a user's own."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from ganatomy.errors import UsageError, nearest
from ganatomy.lab import saturation
from ganatomy.lab.claim import LEVELS, REPORT, RULINGS, Claim, Computed, Experiment, Prediction, Ruling, Trained
from ganatomy.lab.expansion import Expansion, Shared, toml
from ganatomy.lab.quantity_table import QuantityTable
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.sequential import DECISIONS, LOOKS
from ganatomy.words import Words, texts_of

COMPUTED = {"saturation": Computed(saturation.compute, saturation.TITLES)}
"""Experiments that train no run, by name."""


@dataclass(frozen=True, kw_only=True)
class PredictionTable:
    """The entry `primary`, or one of `secondary` and `premises`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    quantity: str
    arm: str
    higher_than: float | str | None = None
    """Another arm, or a number."""
    lower_than: float | str | None = None
    margin: Annotated[float, Field(ge=0)] = 0.0
    """Of the primary one: the smallest difference that would matter."""

    def prediction(self) -> Prediction:
        """The prediction as it is tested."""
        if self.higher_than is not None:
            return Prediction(self.quantity, self.arm, "higher", self.higher_than, self.margin)
        assert self.lower_than is not None
        return Prediction(self.quantity, self.arm, "lower", self.lower_than, self.margin)

    @model_validator(mode="after")
    def _check(self) -> PredictionTable:
        if (self.higher_than is None) == (self.lower_than is None):
            raise ValueError("needs either higher_than or lower_than: an arm, or a number")
        return self


@dataclass(frozen=True, kw_only=True)
class ClaimLevel(LevelTable):
    """[levels.NAME]: as a study's level, with the number of seeds at most instead of seeds."""

    seeds: Annotated[int, Field(ge=LOOKS[0], le=LOOKS[-1])]  # type: ignore[assignment]

    def table(self) -> LevelTable:
        """As a study has it."""
        facts = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        return LevelTable(**{**facts, "seeds": tuple(range(self.seeds))})


@dataclass(frozen=True, kw_only=True)
class ClaimFile:
    """A claim's whole file, with what it shares with others filled in."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    question: str = "-"
    text: Words
    claimant: Words = REPORT
    design: Words
    arms: tuple[ArmTable, ...] = ()
    levels: Mapping[Literal["quick", "medium", "full"], ClaimLevel] = field(default_factory=dict)
    computed: Literal["saturation"] | None = None
    """Instead of arms and levels: an experiment that trains no run."""
    quantities: tuple[QuantityTable, ...] = ()
    primary: PredictionTable | None = None
    """Unset: a definition, which is shown and not tested."""
    secondary: tuple[PredictionTable, ...] = ()
    premises: tuple[PredictionTable, ...] = ()
    meanings: Mapping[Ruling, Words]
    literature: Words

    @model_validator(mode="after")
    def _check(self) -> ClaimFile:
        errors = []
        if bool(self.arms and self.levels) == (self.computed is not None):
            errors.append("needs one experiment: arms and levels, or computed")
        if self.primary is not None and not self.primary.margin:
            errors.append("primary: needs a margin above 0, the smallest difference that would matter")
        wanted = ("definition",) if self.primary is None else DECISIONS
        errors += [f"meanings: {each!r} is missing" for each in wanted if each not in self.meanings]
        known = [each.quantity().name for each in self.quantities]
        known += [] if self.computed is None else COMPUTED[self.computed].titles
        errors += [
            f"a prediction is about {each.quantity!r}, which is not measured; {nearest(each.quantity, known)}"
            for each in self._predictions()
            if each.quantity not in known
        ]
        if errors:
            raise ValueError("; ".join(errors))
        return self

    def _predictions(self) -> list[PredictionTable]:
        return [*([] if self.primary is None else [self.primary]), *self.premises, *self.secondary]

    def experiment(self) -> Experiment:
        """Where the values come from."""
        if self.computed is not None:
            return COMPUTED[self.computed]
        ordered = [level for level in LEVELS if level in self.levels]
        return Trained(self.arms, {level: self.levels[level].table() for level in ordered}, self._deciding())

    def _deciding(self) -> frozenset[str] | None:
        """The arms that the primary prediction and the premises are about; None if they are about groups of arms."""
        arms = {arm.name for arm in self.arms}
        named = {
            each
            for table in (*([] if self.primary is None else [self.primary]), *self.premises)
            for each in (table.arm, table.higher_than, table.lower_than)
            if isinstance(each, str)
        }
        return frozenset(named) if named and named <= arms else None

    def digest(self, level: str) -> str:
        """SHA-256 over the experiment at a level, without its texts: what a finding was found with."""
        facts = {
            "arms": [(arm.name, arm.recipe, arm.settings) for arm in self.arms],
            "level": self.computed or TypeAdapter(ClaimLevel).dump_python(self.levels[level]),  # type: ignore[index]
            "quantities": [each.model_dump(exclude={"title"}) for each in self.quantities],
            "predictions": [
                TypeAdapter(tuple[PredictionTable, ...]).dump_python(each)
                for each in (() if self.primary is None else (self.primary,), self.premises, self.secondary)
            ],
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


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
        primary=None if found.primary is None else found.primary.prediction(),
        secondary=tuple(each.prediction() for each in found.secondary),
        premises=tuple(each.prediction() for each in found.premises),
        meanings={ruling: found.meanings[ruling] for ruling in RULINGS if ruling in found.meanings},
        literature=found.literature,
        digests={level: found.digest(level) for level in found.experiment().levels()},
        file=str(path) if own else None,
    )
