"""What students hand in: a notebook or a plain .py file with their code in the blanks, and their answers."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ganatomy.errors import UsageError
from ganatomy.lab.texts import TEXTS
from ganatomy.words import LANGUAGES

HEAD = re.compile(r"# ganatomy lab: (\w+) \((en|zh)\)(?: edition (\w+))?")
MARK = re.compile(r"^\s*# \[(\d+)\]")
END_MARK = re.compile(r"^\s*# \[/(\d+)\]")
QUESTION = re.compile(r"^\*\*(\w[\w-]*)\.\*\*", re.MULTILINE)
ANSWER = {language: str(getattr(TEXTS["CHECK.answer_here"], language)) for language in LANGUAGES}
"""Below which a question is answered."""


@dataclass(frozen=True)
class Filling:
    """What a student wrote into a blank."""

    text: str
    line: int | None = None
    """Of a .py file, where it begins."""


@dataclass(frozen=True)
class Submission:
    """A student's file."""

    assignment: str
    language: str
    fillings: Mapping[int, Filling]
    edition: str | None = None
    """Which blanks it has, where a course changed them: `course.mark_of`."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """{name of a question: what was answered}, empty text included."""

    @classmethod
    def read(cls, path: Path) -> Submission:
        """
        Raises:
            UsageError: it is no file of this lab, cannot be read, or a blank's marks are damaged.
        """
        cells = cells_of(path)
        code = "\n".join(text for kind, text in cells if kind == "code")
        head = HEAD.search(code)
        if head is None:
            raise UsageError(
                f"{path} does not say which assignment it is; its first cell begins with a line such as "
                "`# ganatomy lab: gan (en)`"
            )
        plain = path.suffix != ".ipynb"
        fillings = _fillings(path, path.read_text("utf-8") if plain else code, plain)
        answers = _answers("\n\n".join(text for kind, text in cells if kind == "markdown"))
        return cls(head[1], head[2], fillings, head[3], answers)


def cells_of(path: Path) -> list[tuple[str, str]]:
    """(kind, text) of each cell of a notebook, or of a .py file with `# %%` between cells; `code` or `markdown`.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".ipynb":
            return list(_percent_cells(text))
        return [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} cannot be read: {error}; give the file that `ganatomy lab start` made") from error


def code_of(path: Path) -> str:
    """The code of a file, as plain Python: lines for IPython alone (`%...`, `!...`) are comments.

    Raises:
        UsageError: it cannot be read.
    """
    code = "\n".join(text for kind, text in cells_of(path) if kind == "code")
    return re.sub(r"^(\s*)([%!].*)$", r"\1# \2", code, flags=re.MULTILINE)


def _percent_cells(text: str) -> Iterator[tuple[str, str]]:
    kind, lines = "code", list[str]()
    for line in [*text.splitlines(), "# %%"]:
        if line.startswith("# %%"):
            body = [re.sub(r"^# ?", "", each) for each in lines] if kind == "markdown" else lines
            if any(lines):
                yield kind, "\n".join(body).strip("\n")
            kind, lines = ("markdown" if "[markdown]" in line else "code"), []
        else:
            lines.append(line)


def _fillings(path: Path, code: str, plain: bool) -> dict[int, Filling]:
    found: dict[int, Filling] = {}
    number: int | None = None
    inner: list[str] = []
    for at, line in enumerate(code.splitlines(), 1):
        begins, ends = MARK.match(line), END_MARK.match(line)
        if (begins and number is not None) or (ends and number != int(ends[1])):
            place = f"{path}, line {at}" if plain else str(path)
            raise UsageError(
                f"{place}: the marks of blank {number or (ends and ends[1])} are damaged; each blank stands between "
                "a line `# [N] ...` and a line `# [/N]`"
            )
        if begins:
            number, inner = int(begins[1]), []
        elif ends and number is not None:
            text = textwrap.dedent("\n".join(inner)).strip("\n")
            found[number] = Filling(text, at - len(inner) if plain else None)
            number = None
        elif number is not None:
            inner.append(line)
    if number is not None:
        raise UsageError(f"{path}: blank {number} has no line `# [/{number}]`, which ends it; put it back")
    return found


def _answers(prose: str) -> dict[str, str]:
    """Answers by the name of their question."""
    parts = QUESTION.split(prose)[1:]
    return {name: _answer(text) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _answer(text: str) -> str:
    """What follows the place to answer; or the question's first paragraph, where that place is gone."""
    for place in ANSWER.values():
        if place in text:
            return text.split(place, 1)[1].strip()
    return text.strip().partition("\n\n")[2].strip()


def written(texts: Iterable[str]) -> int:
    """How many answers are not empty."""
    return sum(bool(text.strip()) for text in texts)
