"""What a diagnosis says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.watching.seen import Line
from ganatomy.watching.texts import TEXTS
from ganatomy.words import Language, Words, filled

Severity = Literal["error", "warning", "note"]
PAGE = "docs/diagnosis.md"
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
PARTS = ("seen", "means", "mend")


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
        seen, means, mend = self.in_language(language)
        place = f"\n  {self.line}" if self.line else ""
        return f"{self.severity}: {self.name}: {seen}\n  {means}{place}\n  {mend} ({self.link})"

    def in_language(self, language: Language) -> tuple[str, str, str]:
        """What was seen, what it means, and how to mend it."""
        seen, means, mend = (getattr(part, language) for part in (self.seen, self.means, self.mend))
        return seen, means, mend

    def __str__(self) -> str:
        return self.message

    def as_json(self) -> dict[str, Any]:
        line = None if self.line is None else {"file": self.line.file, "line": self.line.number, "text": self.line.text}
        texts = {part: getattr(self, part).en for part in PARTS}
        chinese = {part: getattr(self, part).zh for part in PARTS}
        return {"name": self.name, "severity": self.severity, **texts, "zh": chinese, "line": line, "link": self.link}

    @classmethod
    def of_json(cls, tree: dict[str, Any]) -> Finding:
        """The inverse of `as_json`.

        Raises:
            KeyError, TypeError: it is no such tree.
        """
        seen, means, mend = (Words(tree[part], tree["zh"][part]) for part in PARTS)
        line = tree["line"]
        place = None if line is None else Line(str(line["file"]), int(line["line"]), str(line["text"]))
        texts = [seen.en, seen.zh, means.en, means.zh, mend.en, mend.zh, tree["name"]]
        if tree["severity"] not in SEVERITIES or not all(isinstance(text, str) for text in texts):
            raise TypeError(f"no finding: {tree['name']!r}")
        return cls(tree["name"], tree["severity"], seen, means, mend, place)


class Findings(list[Finding]):
    """What `watch.diagnose()` returns: a list, errors first, which a notebook shows as a table."""

    def __init__(self, findings: Iterable[Finding], iterations: int, language: Language) -> None:
        super().__init__(findings)
        self._iterations = iterations
        self._language = language

    @property
    def iterations(self) -> int:
        """Those that were seen."""
        return self._iterations

    def save(self, path: Path) -> None:
        """Write them as JSON, in both languages.

        Raises:
            OSError: the file cannot be written.
        """
        tree = {"iterations": self._iterations, "findings": [each.as_json() for each in self]}
        atomic.write(path, json.dumps(tree, indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, path: Path, language: Language = "en") -> Findings:
        """What `save` wrote.

        Raises:
            GanatomyError: there is no such file, or it is damaged.
        """
        try:
            tree = json.loads(path.read_text(encoding="utf-8"))
            return cls(map(Finding.of_json, tree["findings"]), int(tree["iterations"]), language)
        except OSError as error:
            raise GanatomyError(f"{path} cannot be read: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise GanatomyError(f"{path} is damaged: {error!r}") from error

    def __repr__(self) -> str:
        return "\n".join(each.text(self._language) for each in self) or self._nothing

    @property
    def _nothing(self) -> str:
        words = filled(TEXTS["nothing"], iterations=self._iterations)
        text: str = getattr(words, self._language)
        return text

    def _repr_html_(self) -> str:
        if not self:
            return f"<p>{escape(self._nothing)}</p>"
        rows = []
        for each in self:
            seen, means, mend = map(escape, each.in_language(self._language))
            place = f"<br><code>{escape(str(each.line))}</code>" if each.line else ""
            rows.append(
                f'<tr><td style="vertical-align:top;white-space:nowrap"><b>{escape(each.name)}</b><br>{each.severity}</td>'
                f'<td style="text-align:left">{seen} {means}{place}<br><i>{mend}</i></td></tr>'
            )
        return f"<table>{''.join(rows)}</table>"
