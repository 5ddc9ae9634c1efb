"""HTML pages of a graded class: one for each student, one of the class, and one with all answers. None needs a network."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ganatomy import atomic, paths
from ganatomy.lab.assignments.verdict import Verdict
from ganatomy.lab.classroom.grading import Graded
from ganatomy.lab.classroom.overview import MEND, Overview, kind_of
from ganatomy.lab.classroom.similarity import Pair, similar
from ganatomy.lab.classroom.texts import TEXTS
from ganatomy.report.library import policy_hash
from ganatomy.runs.environment import version_of
from ganatomy.words import Language, Words, filled

HERE = Path(__file__).parent / "templates"
FEEDBACK = "feedback"
INDEX, ANSWERS = "index.html", "answers.html"
LONGEST = 80
"""Bytes of a page's name, without its ending."""
SHOWN = 8
"""Mistakes of a class that are open to the eye."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for itself."""


def write_all(graded: Sequence[Graded], folder: Path, language: Language) -> Path:
    """Write the class's page, the answers' page, and a page for each file in a folder `feedback`.

    Args:
        language: of the teacher; students read theirs.

    Returns:
        The class's page.

    Raises:
        OSError: a file cannot be written.
    """
    (folder / FEEDBACK).mkdir(parents=True, exist_ok=True)
    names = page_names([one.file for one in graded])
    for one in graded:
        write_feedback(one, folder / FEEDBACK / names[one.file], language)
    write_answers(graded, folder / ANSWERS, language)
    write_class(graded, similar(graded), folder / INDEX, language)
    return folder / INDEX


def write_feedback(one: Graded, path: Path, language: Language = "en") -> None:
    """Write a student's page, in the language of the submission.

    Args:
        language: where the file could not be read.
    """
    if one.submission is not None:
        language = one.submission.language
    groups: dict[str, list[Verdict]] = {"mend": [], "empty": [], "passed": []}
    for verdict in one.verdicts:
        kind = kind_of(verdict)
        groups["mend" if kind in MEND else kind].append(verdict)
    _write(path, "feedback.html.j2", language, one=one, groups=groups)


def write_class(graded: Sequence[Graded], pairs: Sequence[Pair], path: Path, language: Language) -> None:
    """Write the teacher's page, which leads to the students' in the folder `feedback` beside it."""
    _write(
        path,
        "class.html.j2",
        language,
        graded=graded,
        checked=[one for one in graded if one.submission is not None],
        unreadable=[one for one in graded if one.submission is None],
        overviews=Overview.each(graded),
        pairs=pairs,
        links=_links(graded),
        shown=SHOWN,
    )


def write_answers(graded: Sequence[Graded], path: Path, language: Language) -> None:
    """Write all answers by question, with the model answers."""
    _write(path, "answers.html.j2", language, overviews=Overview.each(graded), links=_links(graded))


def page_names(files: Sequence[Path]) -> dict[Path, str]:
    """{file: name of its page}, which any system takes and no two share: `ada-gan.html` for `ada/gan.ipynb`."""
    found: dict[Path, str] = {}
    taken: set[str] = set()
    for file in files:
        whole = unicodedata.normalize("NFC", paths.text(file.with_suffix("").as_posix()))
        words = re.sub(r"[^\w.]+", "-", whole).strip("-._")
        short = words.encode()[:LONGEST].decode(errors="ignore").strip("-.") or "file"
        if RESERVED.match(short):
            short = f"file-{short}"
        name, number = short, 1
        while name.casefold() in taken:
            number += 1
            name = f"{short}-{number}"
        taken.add(name.casefold())
        found[file] = f"{name}.html"
    return found


def _links(graded: Sequence[Graded]) -> dict[Path, str]:
    return {file: f"{FEEDBACK}/{quote(name)}" for file, name in page_names([one.file for one in graded]).items()}


def _write(path: Path, template: str, language: Language, **context: Any) -> None:
    def text(key: str, **facts: object) -> str:
        return _in(filled(TEXTS[key], **facts), language)

    def words(both: Words) -> str:
        return _in(both, language)

    found = _environment().get_template(template)
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    known = {"t": text, "w": words, "language": language, "version": version_of("ganatomy"), "when": when}
    atomic.write(path, found.render({**known, **context}))


def _in(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    look = resources.files("ganatomy.report") / "page.css"
    script = (HERE / "theme.js").read_text("utf-8")
    environment.globals |= {
        "style": Markup(look.read_text("utf-8") + (HERE / "page.css").read_text("utf-8")),
        "script": Markup(script),
        "script_hash": policy_hash(script.encode()),
        "answers_page": ANSWERS,
        "index_page": INDEX,
    }
    environment.filters |= _FILTERS
    return environment


def _file(file: Path) -> Markup:
    """A file's name, whatever is in it."""
    return Markup("<bdi>{}</bdi>").format(paths.text(file.as_posix()))


def _reason(one: Graded) -> str:
    """Why it could not be checked, without where the teacher keeps it."""
    name = str(one.file)
    before, _, after = one.error.partition(name)
    return f"{name}{after}" if after and Path(before).is_absolute() else one.error


def _marked(text: str) -> Markup:
    """A text with `names` in backticks."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


def _paragraphs(text: str) -> Markup:
    """A text with blank lines between its paragraphs."""
    return Markup("").join(Markup("<p>{}</p>").format(_marked(each.strip())) for each in text.strip().split("\n\n"))


def _slug(name: str) -> str:
    """Of a mistake's name, for a link within the page."""
    return re.sub(r"\W+", "-", name) or "other"


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _hint(one: Graded, number: int) -> str:
    """The command that gives a hint on a blank."""
    return paths.command("ganatomy", "lab", "hint", one.file.name, str(number))


def _answered(one: Graded) -> tuple[int, int]:
    """How many questions are answered, and how many there are."""
    if one.assignment is None or one.submission is None:
        return 0, 0
    answers: Mapping[str, str] = one.submission.answers
    names = [each.name for each in one.assignment.questions]
    return sum(bool(answers.get(name, "").strip()) for name in names), len(names)


_FILTERS: dict[str, Callable[..., Any]] = {
    "file": _file,
    "reason": _reason,
    "marked": _marked,
    "paragraphs": _paragraphs,
    "points": _points,
    "slug": _slug,
    "hint": _hint,
    "kind": kind_of,
    "answered": _answered,
}
