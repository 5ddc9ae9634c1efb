"""What a report is made of, whatever file it becomes.

Texts have one mark, `code`. Answers are Markdown of the student's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ganatomy.words import Language


@dataclass(frozen=True)
class Picture:
    """A picture with the name of its file."""

    name: str
    content: bytes
    alt: str

    @property
    def kind(self) -> str:
        ending = self.name.rpartition(".")[2]
        return f"image/{'jpeg' if ending == 'jpg' else ending}"


Cell = str | Picture


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Prose:
    text: str


@dataclass(frozen=True)
class Facts:
    """Names with their values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Notice:
    """What the reader is to see first; good news where nothing is listed."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    picture: Picture
    caption: str


@dataclass(frozen=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: int | None = None
    """A row that stands out."""


@dataclass(frozen=True)
class Entry:
    """A piece of code with what it is for."""

    head: str
    text: str
    note: str = ""
    """What is wrong with it; empty where it is right."""


@dataclass(frozen=True)
class Code:
    """Pieces of code that belong together."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Changes:
    """Lines of code before and after, without any mark."""

    title: str
    lines: tuple[tuple[str, str], ...]
    """(`-` or `+`, line)."""


@dataclass(frozen=True)
class Answered:
    """A question and its answer, both Markdown."""

    name: str
    question: str
    answer: str
    missing: str
    """What stands in the place of an empty answer."""
    pictures: Mapping[str, Picture | None]
    """{source in the answer: picture}."""


Block = Heading | Prose | Facts | Notice | Figure | Table | Code | Changes | Answered


@dataclass(frozen=True)
class Document:
    """The whole report; `opening` is what stands on the first screen."""

    title: str
    language: Language
    opening: tuple[Block, ...]
    body: tuple[Block, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (*self.opening, *self.body)

    @property
    def pictures(self) -> dict[str, Picture]:
        """All by name."""
        return {each.name: each for block in self.blocks for each in _of(block)}


def _of(block: Block) -> Iterator[Picture]:
    if isinstance(block, Figure):
        yield block.picture
    elif isinstance(block, Table):
        yield from (cell for row in block.rows for cell in row if isinstance(cell, Picture))
    elif isinstance(block, Answered):
        yield from (each for each in block.pictures.values() if each is not None)
