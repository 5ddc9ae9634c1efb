"""An assignment: its source, its blanks with their known mistakes, and its texts."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable

from ganatomy.errors import UsageError, nearest
from ganatomy.lab.assignments.document import Blank, Document
from ganatomy.lab.assignments.observation import Probe
from ganatomy.words import Language, Table, Words, catalogue

NAMES = ("gan", "dcgan", "wgan")
HINTS = 3


@dataclass(frozen=True)
class Assignment:
    """One of the lab's systems with blanks."""

    name: str

    @classmethod
    def get(cls, name: str) -> Assignment:
        """
        Raises:
            UsageError: there is none of that name.
        """
        if name not in NAMES:
            raise UsageError(f"unknown assignment {name!r}: {nearest(name, NAMES)}")
        return cls(name)

    @property
    def _folder(self) -> Traversable:
        return resources.files(f"{__package__}.{self.name}")

    @cached_property
    def document(self) -> Document:
        return Document.of((self._folder / "source.txt").read_text("utf-8"))

    @cached_property
    def texts(self) -> Table:
        """`BLANK.task`, `BLANK.hint1` to `hint3`, `BLANK.mistakes.NAME`, `cells.NAME`."""
        return catalogue(self._folder)

    @cached_property
    def _blanks(self) -> Mapping[str, Mapping[str, object]]:
        found: Mapping[str, Mapping[str, object]] = tomllib.loads((self._folder / "blanks.toml").read_text("utf-8"))
        return found

    @cached_property
    def _probes(self) -> Mapping[str, Probe]:
        probes: Mapping[str, Probe] = importlib.import_module(f"{__package__}.{self.name}.probes").PROBES
        return probes

    def points(self, blank: Blank) -> int:
        points = self._blanks[blank.name]["points"]
        assert isinstance(points, int)
        return points

    def mistakes(self, blank: Blank) -> dict[str, str]:
        """{name: what students who make it write}."""
        tables = self._blanks[blank.name].get("mistakes", {})
        assert isinstance(tables, dict)
        return {name: table["code"] for name, table in tables.items()}

    def probe(self, blank: Blank) -> Probe:
        return self._probes[blank.name]

    def task(self, blank: Blank) -> Words:
        return self.texts[f"{blank.name}.task"]

    def hint(self, blank: Blank, strength: int) -> Words:
        """`strength`: from 1, a question, to 3, nearly the code."""
        return self.texts[f"{blank.name}.hint{strength}"]

    def mistake(self, blank: Blank, name: str) -> Words:
        return self.texts[f"{blank.name}.mistakes.{name}"]

    def _prose(self, language: Language) -> Mapping[str, str]:
        """The text of each markdown cell; its lines are kept."""
        cells = tomllib.loads((self._folder / f"{language}.toml").read_text("utf-8"))["cells"]
        return {name: text.strip() for name, text in cells.items()}

    def student_copy(self, language: Language) -> list[tuple[str, str]]:
        """(kind, text) of each cell as students get it."""
        cells = []
        for cell in self.document.cells:
            if cell.kind == "markdown":
                cells.append(("markdown", self._prose(language)[cell.name]))
            else:
                text = self.document.student_cell(cell, lambda blank: getattr(self.task(blank), language))
                cells.append(("code", text))
        place = next(place for place, (kind, _) in enumerate(cells) if kind == "code")
        cells[place] = ("code", f"# ganatomy lab: {self.name} ({language})\n{cells[place][1]}")
        return cells
