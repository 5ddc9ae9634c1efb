"""What came of testing a claim: the verdict, and everything it rests on. Written next to the runs as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ganatomy.studies.statistics import Difference
from ganatomy.studies.texts import TEXTS
from ganatomy.words import Words

Ruling = Literal["supported", "refuted", "not decided"]

_TITLES = TEXTS.section("rulings")

RULINGS: dict[Ruling, Words] = {ruling: _TITLES[ruling] for ruling in get_args(Ruling)}


@dataclass(frozen=True)
class Check:
    """One prediction of a claim, and what was measured."""

    prediction: Words
    """What had to be seen, with the quantity, the arms and the margin, as fixed before running."""
    quantity: str
    difference: Difference
    ruling: Ruling


@dataclass(frozen=True)
class Finding:
    """The verdict on one claim at one level."""

    claim: str
    """The claim's name: `q5-collapse`."""
    question: str
    """The thinking question it answers: `Q5`."""
    level: str
    text: Words
    """The claim itself."""
    claimant: Words
    experiment: Words
    """Arms, seeds and budget, and what is measured."""
    rule: Words
    """How the verdict follows from the checks."""
    ruling: Ruling
    meaning: Words
    """What this outcome means, written before it was known."""
    literature: Words
    titles: dict[str, Words]
    """{quantity: what it is, with its unit}."""
    checks: tuple[Check, ...]
    values: dict[str, dict[str, dict[str, float | None]]]
    """{quantity: {arm: {seed: value}}}; None where a run has no such value."""
    failed: tuple[str, ...]
    """Runs that failed, with why, a line each."""
    command: str
    seconds: float
    """Of training and scoring, over all runs that were made for it."""

    @property
    def tree(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of_tree(cls, tree: dict[str, Any]) -> Finding:
        """The inverse of `tree`.

        Raises:
            KeyError, TypeError: it is no such tree.
        """
        words = ("text", "claimant", "experiment", "rule", "meaning", "literature")
        facts = {**tree, **{name: Words(**tree[name]) for name in words}}
        facts["titles"] = {name: Words(**title) for name, title in tree["titles"].items()}
        facts["checks"] = tuple(
            Check(Words(**each["prediction"]), each["quantity"], Difference(**each["difference"]), each["ruling"])
            for each in tree["checks"]
        )
        facts["failed"] = tuple(tree["failed"])
        return cls(**facts)
