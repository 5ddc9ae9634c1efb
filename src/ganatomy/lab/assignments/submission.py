"""What students hand in: a notebook or a plain .py file with their code in the blanks, and their answers."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ganatomy.errors import UsageError
from ganatomy.lab.texts import TEXTS
from ganatomy.words import LANGUAGES, Language

HEAD = re.compile(r"# ganatomy lab: (\w+) \((en|zh)\)(?: edition (\w+))?")
MARK = re.compile(r"^\s*# \[(\d+)\]")
END_MARK = re.compile(r"^\s*# \[/(\d+)\]", re.MULTILINE)
CELL = re.compile(r"^#\s*%%")
QUESTION = re.compile(r"^\*\*(\w[\w-]*)\.\*\*")
OURS = re.compile(r"Q\d+|Graph")
"""Names of questions that are known by themselves; another needs the place to answer below it."""
ANSWER = {language: str(getattr(TEXTS["CHECK.answer_here"], language)) for language in LANGUAGES}
"""Below which a question is answered."""


@dataclass(frozen=True)
class Filling:
    """What a student wrote into a blank."""

    text: str
    line: int | None = None
    """Of a .py file, where it begins."""
    indented: str | None = None
    """With the spaces that its lines have in the file."""


@dataclass(frozen=True)
class Submission:
    """A student's file."""

    assignment: str
    language: Language
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
        plain = not is_notebook(path)
        fillings = fillings_of(_text_of(path) if plain else code, str(path), plain)
        answers = _answers([text for kind, text in cells if kind == "markdown"])
        return cls(head[1], "zh" if head[2] == "zh" else "en", fillings, head[3], answers)


def language_of(path: Path) -> Language:
    """The language of a student's file, damaged or not."""
    head = HEAD.search(code_of(path))
    return "zh" if head and head[2] == "zh" else "en"


def is_notebook(path: Path) -> bool:
    return path.suffix.lower() == ".ipynb"


def cells_of(path: Path) -> list[tuple[str, str]]:
    """(kind, text) of each cell of a notebook, or of a .py file with `# %%` between cells; `code` or `markdown`.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        text = _text_of(path)
        if not is_notebook(path):
            return list(_percent_cells(text))
        return [(cell["cell_type"], _joined(cell["source"])) for cell in json.loads(text)["cells"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}; give the file that `ganatomy lab start` made") from error


def code_of(path: Path) -> str:
    """The code of a file, as plain Python: in a notebook, lines for IPython alone (`%...`, `!...`) are comments.

    Raises:
        UsageError: it cannot be read.
    """
    return "\n".join(_python(text) for kind, text in cells_of(path) if kind == "code")


def no_python(path: Path) -> tuple[str, str] | None:
    """Where a file's code is no Python, and what the matter is: a line of a .py file, or a notebook's code cell."""
    if not is_notebook(path):
        texts = {"": _text_of(path)}
    else:
        codes = (text for kind, text in cells_of(path) if kind == "code")
        texts = {f", code cell {number}": _python(text) for number, text in enumerate(codes, 1)}
    for place, text in texts.items():
        try:
            ast.parse(text)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", 0)
            return (f"{place}, line {line}" if place else f":{line}"), str(getattr(error, "msg", error))
    return None


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def _joined(source: str | Sequence[str]) -> str:
    return "".join(source).replace("\r\n", "\n")


def _python(cell: str) -> str:
    try:
        ast.parse(cell)
    except SyntaxError:
        return re.sub(r"^(\s*)([%!].*)$", r"\1# \2", cell, flags=re.MULTILINE)
    return cell


def _percent_cells(text: str) -> Iterator[tuple[str, str]]:
    kind, lines = "code", list[str]()
    for line in [*text.split("\n"), "# %%"]:
        if CELL.match(line):
            body = [re.sub(r"^# ?", "", each) for each in lines] if kind == "markdown" else lines
            if any(lines):
                yield kind, "\n".join(body).strip("\n")
            kind, lines = ("markdown" if "[markdown]" in line or "[md]" in line else "code"), []
        else:
            lines.append(line)


def fillings_of(code: str, name: str, numbered: bool = False) -> dict[int, Filling]:
    """What stands between the marks of each blank.

    Args:
        name: of the file, for the error.
        numbered: whether the lines are those of the file.

    Raises:
        UsageError: a blank's marks are damaged.
    """
    found: dict[int, Filling] = {}
    number: int | None = None
    inner: list[str] = []
    lines = code.split("\n")
    for at, line in enumerate(lines, 1):
        begins, ends = MARK.match(line), END_MARK.match(line)
        if begins and _is_comment(int(begins[1]), number, lines[at:]):
            begins = None
        if (begins and number not in (None, int(begins[1]))) or (ends and number != int(ends[1])):
            place = f"{name}, line {at}" if numbered else name
            raise UsageError(
                f"{place}: the marks of blank {number or (ends and ends[1])} are damaged; each blank stands between "
                "a line `# [N] ...` and a line `# [/N]`"
            )
        if begins and (number is not None or _next_end(lines[at:]) is not None):
            number, inner = int(begins[1]), []
        elif begins:
            raise UsageError(f"{name}: blank {begins[1]} has no line `# [/{begins[1]}]`, which ends it; put it back")
        elif ends and number is not None:
            indented = "\n".join(inner)
            text = textwrap.dedent(indented).strip("\n")
            found[number] = Filling(text, at - len(inner) if numbered else None, indented)
            number = None
        elif number is not None:
            inner.append(line)
    return found


def _is_comment(begins: int, inside: int | None, following: Sequence[str]) -> bool:
    """Whether a line only looks like a blank's first mark, as a reference to literature does."""
    ends = _next_end(following)
    if inside is not None:
        return begins != inside == ends
    again = any((found := MARK.match(line)) and int(found[1]) == begins for line in following)
    return ends != begins and again


def _next_end(lines: Sequence[str]) -> int | None:
    return next((int(found[1]) for line in lines if (found := END_MARK.match(line))), None)


def _answers(prose: Sequence[str]) -> dict[str, str]:
    """Answers by the name of their question, over as many cells as they have."""
    found: dict[str, list[str]] = {}
    name = ""
    for text in prose:
        asked = QUESTION.match(text)
        is_place = any(place in text for place in ANSWER.values())
        if asked and asked[1] not in found and (is_place or OURS.fullmatch(asked[1])):
            name = asked[1]
            found[name] = [_answer(text[asked.end() :])]
        elif name:
            found[name].append(text)
    return {name: "\n\n".join(texts).strip() for name, texts in found.items()}


def _answer(text: str) -> str:
    """What follows the place to answer; or the question's first paragraph, where that place is gone."""
    for place in ANSWER.values():
        if place in text:
            return text.split(place, 1)[1].strip()
    return text.strip().partition("\n\n")[2].strip()
