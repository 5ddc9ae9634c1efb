"""What `ganatomy answer` prints."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ganatomy.lab.answers import evidence
from ganatomy.lab.answers.answer import get, names, texts
from ganatomy.words import Language

WIDTH = 110


def listed(language: Language, studies: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """All questions with their answers in a line, for programs and for people."""
    tree, lines = [], []
    for name in names():
        answer = get(name, language, studies)
        verdict = evidence.counted(answer, language, studies)
        facts = {"name": name, "question": answer.title, "answer": answer.line, "verdict": verdict}
        tree.append({**facts, "level": evidence.level(answer, studies)})
        lines += [f"{name:6} {answer.title}", *_wrapped(answer.line, language, 7), f"       [{verdict}]"]
    return tree, [*lines, "", "next: ganatomy answer q7"]


def printed(name: str, language: Language, studies: Path) -> tuple[dict[str, Any], list[str]]:
    """A question with its whole answer."""
    answer = get(name, language, studies)
    label = {key: getattr(words, language) for key, words in texts().section("page").items()}
    rows = evidence.rows(answer, language, studies)
    lines = [answer.title, "", *_wrapped(answer.sentences, language)]
    if answer.beliefs:
        lines += ["", label["beliefs"]]
        for belief in answer.beliefs:
            lines += [*_wrapped(f"- {belief.said}", language, 2), *_wrapped(f"-> {belief.right}", language, 4)]
    lines += ["", label["evidence"]]
    for row in rows:
        lines += [*_wrapped(f"{row.name}: {row.text}", language, 2)]
        where = f" ({row.level}{'; ' + row.others if row.others else ''})" if row.level else ""
        measured = ": ".join(each for each in (row.predicted, row.measured) if each)
        lines += [*_wrapped(f"{row.verdict}{where}. {row.meaning} {row.needed}".strip(), language, 4)]
        lines += _wrapped(measured, language, 4)
    lines += ["", label["see"], f"  {answer.facts.command}", *_wrapped(answer.see, language, 2), ""]
    lines += [f"next: ganatomy claims show {rows[0].name}" if rows else "next: ganatomy answer"]
    facts = {"name": name, "question": answer.title, "answer": answer.sentences, "command": answer.facts.command}
    return {
        **facts,
        "beliefs": [asdict(each) for each in answer.beliefs],
        "evidence": [asdict(row) for row in rows],
    }, lines


def _wrapped(text: str, language: Language, indent: int = 0) -> list[str]:
    """Lines of a text; a Chinese character is two columns wide and may be followed by a line break."""
    space = " " * indent
    if language == "en":
        return textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space) if text else []
    half = (WIDTH - indent) // 2
    return [space + text[start : start + half] for start in range(0, len(text), half)]
