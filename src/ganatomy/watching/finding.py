"""What a diagnosis says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ganatomy.watching.seen import Line
from ganatomy.watching.texts import TEXTS
from ganatomy.words import Language, Words, filled

Severity = Literal["error", "warning", "note"]
PAGE = "docs/diagnosis.md"


@dataclass(frozen=True)
class Found:
    """What a rule found: the figures of its text, and the likely line of the user's file."""

    facts: dict[str, Any]
    line: Line | None = None


@dataclass(frozen=True)
class Finding:
    """A mistake in a training loop, or a state that it is in, with its evidence."""

    name: str
    severity: Severity
    seen: Words
    """What was measured, with its figures."""
    means: Words
    mend: Words
    line: Line | None
    """The line of the user's file where it happened."""

    @classmethod
    def of(cls, name: str, severity: Severity, found: Found) -> Finding:
        seen, means, mend = (filled(TEXTS[f"{name}.{part}"], **found.facts) for part in ("seen", "means", "mend"))
        return cls(name, severity, seen, means, mend, found.line)

    @property
    def message(self) -> str:
        return self.text("en")

    @property
    def link(self) -> str:
        """The page that explains it."""
        return f"{PAGE}#{self.name}"

    def text(self, language: Language) -> str:
        """All of it on a few lines."""
        words = [getattr(part, language) for part in (self.seen, self.means, self.mend)]
        place = f"\n  {self.line}" if self.line else ""
        return f"{self.severity}: {self.name}: {words[0]} {words[1]}{place}\n  {words[2]} ({self.link})"

    def __str__(self) -> str:
        return self.message

    def as_json(self) -> dict[str, Any]:
        line = None if self.line is None else {"file": self.line.file, "line": self.line.number, "text": self.line.text}
        return {
            "name": self.name,
            "severity": self.severity,
            "seen": self.seen.en,
            "means": self.means.en,
            "mend": self.mend.en,
            "line": line,
            "link": self.link,
        }
