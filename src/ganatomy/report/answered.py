"""Questions and claims with their verdicts, as the report's section of the questions shows them: a line each."""

from __future__ import annotations

from dataclasses import dataclass

from ganatomy.words import Words


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A question with its answer, or a claim that was tested."""

    question: str
    """`q5`."""
    text: Words
    """The question, or the claim."""
    meaning: Words
    """The answer in a line."""
    ruling: Words
    kind: str = ""
    """Of a claim `supported`, `refuted`, `not decided` or `definition`: its colour."""
    level: str
    measured: Words | None = None
    """Of a claim, the primary difference with its interval and seeds."""
