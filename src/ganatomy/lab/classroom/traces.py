"""What is compared of submissions: fillings without layout and own names, comments, and the wording of answers."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.submission import Submission
from ganatomy.lab.assignments.verdict import is_empty

COMMENT_WORDS = 4
"""Shorter comments are ignored; a Chinese character is half a word."""
ANSWER_RUNS = 15
"""Answers with fewer runs of words are ignored."""
WORDS, CHARACTERS = 5, 8
"""In a run, of English and of Chinese."""

_HAN = r"\u3400-\u9fff"
_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r"|(?P<string>(?:\b[bfruBFRU]{1,2})?"
    r"(?:\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    r"|(?P<word>\w+)|(?P<sign>\S)",
    re.DOTALL,
)
_WORD = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+")
_PYTHON = {*keyword.kwlist, *dir(builtins)}

Run = tuple[str, ...]


@dataclass(frozen=True)
class Traces:
    """Of a submission."""

    forms: dict[int, str]
    """By blank, with numbers for names of one's own; without those that are the solution."""
    texts: dict[int, str]
    """The same with all names."""
    comments: frozenset[str]
    runs: dict[str, frozenset[Run]]
    """Of the words of each answer."""


class Reader:
    """Reads the submissions of an assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self._blanks = {blank.number: blank for blank in assignment.document.blanks}
        self._questions = {each.name: (each.text.en, each.text.zh) for each in assignment.questions}
        blanks = self._blanks.values()
        # What all have before their eyes; any other name is one's own.
        given = assignment.document.program({blank.name: blank.placeholder for blank in blanks})
        self._given = {*re.findall(r"\w+", given), *_PYTHON}
        self._comments = {each for text in (given, *(blank.solution for blank in blanks)) for each in _comments(text)}
        self._solutions = {blank.number: self._form(blank.solution) for blank in blanks}

    def read(self, submission: Submission) -> Traces:
        texts = {
            number: filling.text
            for number, filling in submission.fillings.items()
            if number in self._blanks and not is_empty(filling.text, self._blanks[number])
        }
        forms = {number: self._form(text) for number, text in texts.items()}
        return Traces(
            {number: form for number, form in forms.items() if form != self._solutions[number]},
            {number: " ".join(_tokens(text)) for number, text in texts.items()},
            frozenset(each for text in texts.values() for each in _comments(text)) - self._comments,
            {
                name: runs
                for name, text in submission.answers.items()
                if name in self._questions and len(runs := self._runs(name, text)) >= ANSWER_RUNS
            },
        )

    def _form(self, text: str) -> str:
        tokens = ["", *_tokens(text), ""]
        own: dict[str, str] = {}
        form, depth = list[str](), 0
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
            depth += (token in ("(", "[", "{")) - (token in (")", "]", "}"))
            is_name = token.isidentifier() and token not in self._given
            if is_name and before != "." and not (depth > 0 and after == "="):
                form.append(own.setdefault(token, f"<{len(own)}>"))
            else:
                form.append(token)
        return " ".join(form)

    def _runs(self, question: str, answer: str) -> frozenset[Run]:
        """Of an answer, without those of the question."""
        words = _WORD.findall(answer.lower())
        size = CHARACTERS if sum(_is_han(word) for word in words) > len(words) / 2 else WORDS
        asked = [_runs(_WORD.findall(text.lower()), size) for text in self._questions[question]]
        return _runs(words, size).difference(*asked)


def _tokens(text: str) -> list[str]:
    """Of Python that need not be right, without comments, layout, and a comma at the end."""
    tokens: list[str] = []
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "string":
            # What an f-string begins its braces with may be a name.
            tokens += re.split(r"(?<=\{)(\w+)", match[0].replace("'", '"'))
        elif match.lastgroup != "comment":
            tokens.append(match[0])
    return tokens[:-1] if tokens[-1:] == [","] else tokens


def _comments(text: str) -> Iterator[str]:
    """Those that are long enough to be somebody's own."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "comment":
            words = _WORD.findall(match[0])
            if sum(0.5 if _is_han(word) else 1 for word in words) >= COMMENT_WORDS:
                yield " ".join(match[0].lstrip("# ").split())


def _runs(words: list[str], size: int) -> frozenset[Run]:
    return frozenset(tuple(words[start : start + size]) for start in range(len(words) - size + 1))


def _is_han(word: str) -> bool:
    return re.match(rf"[{_HAN}]", word) is not None
