"""A teacher's own edition of the lab: which blanks and questions there are, what they count, on which data, in `course.toml`."""

from __future__ import annotations

import json
import re
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Le
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from ganatomy.errors import UsageError, nearest
from ganatomy.words import LANGUAGES, Words

NAME = "course.toml"
SETTINGS = re.compile(r'data, epochs, batch_size = "(\w+)", (\d+), (\d+)')
"""The line of a training cell that says on which data, and how long."""
FORBID: dict[str, Any] = {"extra": "forbid"}

Points = Annotated[float, Ge(0), Field(allow_inf_nan=False)]
Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[int, Ge(1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][\w-]*$")]


@dataclass(frozen=True, kw_only=True)
class OwnMistake:
    """A mistake that students make in a teacher's own blank."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    name: Name
    code: str
    text: Words


@dataclass(frozen=True, kw_only=True)
class OwnBlank:
    """Lines of an assignment that the teacher makes a blank."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    name: Name
    hides: str
    """The lines, as they are in the solution (`ganatomy lab export --solution`)."""
    instead: str = ""
    """What students find in their place."""
    observe: tuple[str, ...] = ()
    """Expressions whose values must be those of the solution."""
    like: tuple[str, ...] = ()
    """Blanks whose own check looks at these lines too."""
    points: Points = 1
    task: Words
    hints: tuple[Words, ...] = ()
    """Up to three, of rising strength."""
    mistakes: tuple[OwnMistake, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> OwnBlank:
        if not self.observe and not self.like:
            raise ValueError("needs `observe`, expressions to compare, or `like`, names of blanks")
        if not self.hides.strip():
            raise ValueError("hides: at least one line")
        if len(self.hints) > 3:
            raise ValueError("hints: at most three")
        return self


@dataclass(frozen=True, kw_only=True)
class OwnQuestion:
    """A question of the teacher's."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    name: Name
    text: Words
    answer: Words | None = None
    """A model answer: it stays with the teacher, in a course file that students do not get."""
    points: Points = 0


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What a course changes in one assignment."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    data: str | None = None
    epochs: Positive | None = None
    batch_size: Positive | None = None
    given: tuple[str, ...] = ()
    """Blanks that come filled in."""
    without: tuple[str, ...] = ()
    """Questions that are left out."""
    points: Mapping[str, Points] = field(default_factory=dict)
    """Of a blank or a question, by name."""
    credit: Mapping[str, Share] = field(default_factory=dict)
    """Share of a blank's points for a mistake: {"BLANK.MISTAKE": share}."""
    blanks: tuple[OwnBlank, ...] = ()
    questions: tuple[OwnQuestion, ...] = ()

    def own(self, name: str) -> OwnBlank | None:
        """The teacher's own blank of that name."""
        return next((each for each in self.blanks if each.name == name), None)

    def applied(self, source: str) -> str:
        """An assignment's source with these blanks and settings.

        Raises:
            UsageError: it has no such blank, or not such lines to hide.
        """
        for name in self.given:
            source = _given(source, name)
        for blank in self.blanks:
            source = _hidden(source, blank)
        return self._with_settings(source)

    def _with_settings(self, source: str) -> str:
        found = SETTINGS.search(source)
        assert found is not None, "an assignment has a line with its settings"
        data, epochs, batch = self.data or found[1], self.epochs or found[2], self.batch_size or found[3]
        return source.replace(found[0], f"data, epochs, batch_size = {json.dumps(str(data))}, {epochs}, {batch}")


@dataclass(frozen=True, kw_only=True)
class Course:
    """A whole `course.toml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    title: str = ""
    gan: Edition = field(default_factory=Edition)
    dcgan: Edition = field(default_factory=Edition)
    wgan: Edition = field(default_factory=Edition)

    @classmethod
    def read(cls, path: Path) -> Course:
        """
        Raises:
            UsageError: it cannot be read, or is no such file; all errors in one message.
        """
        try:
            tree = tomllib.loads(path.read_text("utf-8-sig"))
            return TypeAdapter(cls).validate_python(_with_words(tree))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error
        except ValidationError as error:
            errors = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            raise UsageError("\n".join([f"{path} is no course:", *errors])) from error

    @classmethod
    def of(cls, path: Path, asked: bool = False) -> Course:
        """The course of a file, or the lab as it comes where there is none.

        Args:
            asked: whether it must be there.

        Raises:
            UsageError: as `read` does.
        """
        return cls.read(path) if asked or path.is_file() else cls()

    def edition(self, assignment: str) -> Edition:
        found: Edition = getattr(self, assignment)
        return found


def mark_of(blanks: Sequence[str]) -> str:
    """Short for which blanks an edition has, in their order."""
    return f"{zlib.crc32(' '.join(blanks).encode()):08x}"[:4]


def _with_words(tree: Any) -> Any:
    """Texts as `Words`: a table of `en` and `zh`, or one text for both."""
    if isinstance(tree, list):
        return [_with_words(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    out: dict[str, Any] = {}
    for key, value in tree.items():
        if key in ("task", "text", "answer"):
            out[key] = _words(value)
        elif key == "hints" and isinstance(value, list):
            out[key] = [_words(each) for each in value]
        else:
            out[key] = _with_words(value)
    return out


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return dict.fromkeys(LANGUAGES, value)
    if isinstance(value, dict) and len(value) == 1:
        return dict.fromkeys(LANGUAGES, next(iter(value.values())))
    return value


def _given(source: str, name: str) -> str:
    """The source with the solution of a blank as ordinary code."""
    blanks = re.findall(r"^\s*# blank ([\w-]+)$", source, re.MULTILINE)
    if name not in blanks:
        raise UsageError(f"given: there is no blank {name!r}: {nearest(name, blanks)}")
    kept, inside = [], False
    for line in source.splitlines():
        if line.strip() == f"# blank {name}":
            inside = True
        elif inside and line.strip() == "# end":
            inside = False
        elif not (inside and line.lstrip().startswith("#-")):
            kept.append(line)
    return "\n".join(kept) + "\n"


def _hidden(source: str, blank: OwnBlank) -> str:
    """The source with lines between a blank's marks."""
    wanted = [line.strip() for line in blank.hides.strip("\n").splitlines()]
    lines = source.splitlines()
    starts = [
        place
        for place in range(len(lines))
        if [line.strip() for line in lines[place : place + len(wanted)]] == wanted and not _is_inside(lines, place)
    ]
    if len(starts) != 1:
        times = f"{len(starts)} times" if starts else "nowhere outside of blanks"
        raise UsageError(f"blank {blank.name!r} hides lines that are in the assignment {times}: {wanted[0]!r}")
    first, last = starts[0], starts[0] + len(wanted)
    cell = next(line for line in reversed(lines[:first]) if line.startswith("# %%"))
    if cell.split()[2:] == ["run"]:
        raise UsageError(
            f"blank {blank.name!r} hides lines of the training cell, which checks do not run: {wanted[0]!r}"
        )
    indent = re.match(r"\s*", lines[first])
    margin = indent[0] if indent else ""
    instead = [f"{margin}#- {line}" for line in blank.instead.strip("\n").splitlines()]
    lines[first:last] = [f"{margin}# blank {blank.name}", *instead, *lines[first:last], f"{margin}# end"]
    return "\n".join(lines) + "\n"


def _is_inside(lines: Sequence[str], place: int) -> bool:
    """Whether a line is in a blank."""
    for line in reversed(lines[:place]):
        if line.strip() == "# end":
            return False
        if line.strip().startswith("# blank "):
            return True
    return False
