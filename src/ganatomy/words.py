"""Texts that a reader gets in English or in Chinese, and the catalogues that hold them by key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Words:
    """The same text in both languages."""

    en: str
    zh: str


class Table(dict[str, Words]):
    """Texts by key: `texts["GLANCE"]`; the texts of a section: `texts.section("STATES")`."""

    def section(self, name: str) -> Table:
        """The keys that begin with `name.`, without it; in the order of the English file."""
        prefix = f"{name}."
        return Table({key.removeprefix(prefix): words for key, words in self.items() if key.startswith(prefix)})


def catalogue(folder: Traversable) -> Table:
    """All texts of a folder that has `en.toml` and `zh.toml`, by key.

    Raises:
        KeyError: a key that one of the two lacks.
    """
    en, zh = (
        texts_of(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")), language) for language in LANGUAGES
    )
    if lacking := en.keys() ^ zh.keys():
        raise KeyError(f"{folder}: only one of en.toml and zh.toml has {', '.join(sorted(lacking))}")
    return Table({key: Words(text, zh[key]) for key, text in en.items()})


LANGUAGES: tuple[Language, ...] = ("en", "zh")


def texts_of(tree: Mapping[str, Any], language: Language) -> dict[str, str]:
    """{key: text} of a TOML tree; a text of a table has the key `TABLE.KEY`."""
    return {key: folded(text, language) for key, text in _leaves(tree, "")}


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def folded(text: str, language: Language) -> str:
    """The text on one line: a line break is a space in English and nothing in Chinese."""
    return re.sub(r"\s*\n\s*", " " if language == "en" else "", text.strip("\n"))


def filled(words: Words, **facts: object) -> Words:
    """The text with its blanks filled in; a fact that is `Words` itself goes into each language's text."""

    def in_language(language: Language) -> dict[str, object]:
        return {name: getattr(fact, language) if isinstance(fact, Words) else fact for name, fact in facts.items()}

    return Words(words.en.format(**in_language("en")), words.zh.format(**in_language("zh")))
