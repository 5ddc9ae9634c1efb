"""What came of testing a claim at one level: the verdict, and everything it rests on. Texts stay in the claim's file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ganatomy.lab.claim import Ruling
from ganatomy.lab.ruling import Measured
from ganatomy.studies.sequential import Look


@dataclass(frozen=True)
class Finding:
    """The verdict on one claim at one level; kept as JSON."""

    claim: str
    """The claim's name: `q5-collapse`."""
    level: str
    ruling: Ruling
    primary: Measured | None
    """None of a definition."""
    looks: tuple[Look, ...]
    """What was seen at each look, in the claimed direction; the last one decided, or was the last there could be."""
    premises: tuple[Measured, ...]
    secondary: tuple[Measured, ...]
    seeds: int
    """Seeds that were run."""
    seeds_needed: int | None
    """Where it is not decided: with how many seeds it would be, by the spread that was seen; None if unknown."""
    values: dict[str, dict[str, dict[int, float | None]]]
    """{quantity: {arm: {seed: value}}}; None where a run has no such value."""
    failed: tuple[str, ...]
    """Runs that failed, with why, a line each."""
    runs: dict[str, float]
    """{run: seconds of training}; runs are shared by claims."""
    seconds: float
    """Of computing, where nothing is trained."""
    design: str
    """SHA-256 of the experiment as it was run: `Claim.digests`."""
    code: str
    """SHA-256 of the package's code that decides the values."""
    versions: dict[str, str]
    """Of Python, torch and ganatomy."""

    @property
    def tree(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def hours(self) -> float:
        """Of training and computing, over all of its runs."""
        return (sum(self.runs.values()) + self.seconds) / 3600

    @classmethod
    def of_tree(cls, tree: dict[str, Any]) -> Finding:
        """The inverse of `tree`.

        Raises:
            ValueError: it is no such tree.
        """
        return TypeAdapter(cls).validate_python(tree)
