"""One question with its answer, from `answers.toml` (what it rests on) and `texts/` (what it says)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import TypeAdapter

from ganatomy.errors import UsageError, nearest
from ganatomy.lab.answers.figures import rendered
from ganatomy.lab.claim import Ruling
from ganatomy.words import Language, Table, catalogue

HERE = resources.files(__name__.rpartition(".")[0])


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of the picture: values of every seed, the images, or the curves of some arms of a claim's experiment."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    kind: Literal["values", "images", "curves", "distances", "shapes"]
    claims: tuple[str, ...] = ()
    """Whose experiments are shown, one after the other."""
    of: str | None = None
    """Of values the quantity."""
    arms: tuple[str, ...] = ()
    """Unset: all."""
    recipes: tuple[str, ...] = ()
    """Of shapes: whose networks are drawn."""


@dataclass(frozen=True, kw_only=True)
class AnswerFacts:
    """A section of `answers.toml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    claims: tuple[str, ...]
    """In the order of the evidence."""
    command: str
    """What shows it in about two minutes."""
    picture: tuple[Panel, ...] = ()
    presumes: Mapping[str, Ruling]
    """The verdicts that the text speaks of; if one is another, the text is out of date."""


@dataclass(frozen=True)
class Belief:
    """What is often said, and what is right in it."""

    said: str
    right: str


@dataclass(frozen=True)
class Answer:
    """A question with its answer in one language."""

    name: str
    """`q7`."""
    facts: AnswerFacts
    title: str
    line: str
    """The answer in one line."""
    sentences: str
    """The answer in three sentences that can be said aloud."""
    caption: str
    beliefs: tuple[Belief, ...]
    see: str
    """What the command shows."""


@cache
def _all() -> dict[str, AnswerFacts]:
    tree = tomllib.loads((HERE / "answers.toml").read_text("utf-8"))
    return TypeAdapter(dict[str, AnswerFacts]).validate_python(tree)


@cache
def texts() -> Table:
    """All texts of the answers, by key."""
    return catalogue(HERE / "texts")


def names() -> list[str]:
    """The questions, in their order."""
    return list(_all())


def get(name: str, language: Language = "en", studies: Path | None = None) -> Answer:
    """The answer to a question, with the figures of the findings that are there.

    Raises:
        UsageError: there is no such question; with the nearest.
    """
    name = name.lower()
    if name not in _all():
        raise UsageError(f"unknown question {name!r}: {nearest(name, names())}")
    found = {key: rendered(getattr(words, language), language, studies) for key, words in texts().section(name).items()}
    said = [key for key in found if key.endswith(".said")]
    return Answer(
        name=name,
        facts=_all()[name],
        title=found["title"],
        line=found["line"],
        sentences=found["answer"],
        caption=found["caption"],
        beliefs=tuple(Belief(found[key], found[f"{key.removesuffix('said')}right"]) for key in said),
        see=found["see"],
    )
