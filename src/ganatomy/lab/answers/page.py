"""Answers as Markdown pages, one language a file, and their index."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ganatomy.lab.answers import evidence
from ganatomy.lab.answers.answer import Answer, get, names, texts
from ganatomy.lab.numbers import plain
from ganatomy.lab.texts import TEXTS
from ganatomy.words import LANGUAGES, Language

INDEX: dict[Language, str] = {"en": "README.md", "zh": "README.zh.md"}


def page(name: str, language: Language, picture: str | None, studies: Path | None = None) -> str:
    """The page of a question; `picture` is the path of its picture, as the page refers to it."""
    answer = get(name, language, studies)
    return _template("page.md.j2").render(
        answer=answer,
        rows=evidence.rows(answer, language, studies),
        picture=picture,
        label=_labels(language),
        rule=getattr(TEXTS["rule"], language),
        index=INDEX[language],
        other=f"{name}.{_other(language)}.md",
    )


def index(language: Language, studies: Path | None = None) -> str:
    """The index of all questions."""
    answers, label = [get(name, language, studies) for name in names()], _labels(language)
    runs, hours = evidence.total(studies)
    return _template("index.md.j2").render(
        lines=[_line(answer, language, studies) for answer in answers],
        total=label["total"].format(runs=f"{runs:,}", hours=plain(hours, 2)),
        label=label,
        other=INDEX[_other(language)],
        language=language,
    )


def _line(answer: Answer, language: Language, studies: Path | None) -> dict[str, str]:
    return {
        "name": answer.name,
        "title": answer.title,
        "line": answer.line,
        "verdict": evidence.counted(answer, language, studies),
        "level": evidence.level(answer, studies),
    }


def write(folder: Path, studies: Path | None = None) -> list[Path]:
    """Write all pages and both indexes below a folder, with the pictures that are in its `images/`."""
    written = []
    for language in LANGUAGES:
        content = {INDEX[language]: index(language, studies)}
        for name in names():
            picture = f"images/{name}.{language}.svg"
            there = picture if (folder / picture).is_file() else None
            content[f"{name}.{language}.md"] = page(name, language, there, studies)
        for file, text in content.items():
            (folder / file).write_text(text, encoding="utf-8")
            written.append(folder / file)
    return written


def _other(language: Language) -> Language:
    return "zh" if language == "en" else "en"


def _labels(language: Language) -> dict[str, str]:
    return {key: getattr(words, language) for key, words in texts().section("page").items()}


def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
