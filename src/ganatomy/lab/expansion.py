"""A claim's TOML with both languages and with what it refers to: pieces of `shared.toml` that several claims use.

- `arms = "batchnorm"`, or a name in the list of arms: a group of arms;
- `levels.full = "mnist"`, or `use = "mnist"` among what differs from it: a level;
- a setting without `=`: a list of settings;
- `margin = "noticeable"`: a margin;
- `{batchnorm}` in `literature`: a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any

from ganatomy.errors import UsageError, nearest
from ganatomy.words import Words, folded, texts_of

Tree = dict[str, Any]


def toml(path: Traversable) -> Tree:
    """The tree of a TOML file.

    Raises:
        UsageError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"claim {path} cannot be read: {error}; a claim is a TOML file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"claim {path} is not TOML: {error}") from error


@dataclass(frozen=True)
class Shared:
    """The pieces by kind and name, and their Chinese by key."""

    tree: Mapping[str, Mapping[str, Any]]
    zh: Mapping[str, str]

    @classmethod
    def of(cls, folder: Traversable) -> Shared:
        """From `shared.toml` and `zh/shared.toml`."""
        return cls(toml(folder / "shared.toml"), texts_of(toml(folder / "zh" / "shared.toml"), "zh"))


def english(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, text) of all texts of a claim's file: those that its Chinese file has too."""
    for key in ("text", "claimant", "design", "literature"):
        if key in tree:
            yield key, tree[key]
    for ruling, text in tree.get("meanings", {}).items():
        yield f"meanings.{ruling}", text
    for section in ("arms", "quantities"):
        for each in tree.get(section, ()):
            if isinstance(each, Mapping) and "title" in each:
                yield f"{section}.{_name(each)}", each["title"]


def english_of_shared(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, text) of all texts of `shared.toml`."""
    for section in ("meanings", "literature"):
        for key, text in tree[section].items():
            yield f"{section}.{key}", text
    for group, arms in tree["arms"].items():
        for arm in arms:
            yield f"arms.{group}.{arm['name']}", arm["title"]


def _name(each: Mapping[str, Any]) -> str:
    return str(each.get("name", each.get("measure", "")))


@dataclass
class Expansion:
    """One claim's; what cannot be found is collected in `errors`."""

    given: Tree
    zh: Mapping[str, str]
    shared: Shared
    errors: list[str] = field(default_factory=list)

    def tree(self) -> Tree:
        """The claim's whole tree, as `ClaimFile` reads it."""
        found = dict(self.given)
        for key in ("text", "claimant", "design"):
            if isinstance(found.get(key), str):
                found[key] = self._words(found[key], key)
        if isinstance(found.get("literature"), str):
            words = self._words(found["literature"], "literature")
            found["literature"] = Words(self._filled(words.en, "en"), self._filled(words.zh, "zh"))
        if isinstance(found.get("meanings", {}), Mapping):
            common = {key: self._common(f"meanings.{key}", text) for key, text in self.shared.tree["meanings"].items()}
            own = {key: self._words(text, f"meanings.{key}") for key, text in found.get("meanings", {}).items()}
            found["meanings"] = {**common, **own}
        if "arms" in found:
            found["arms"] = self._arms(found["arms"])
        if isinstance(found.get("levels"), Mapping):
            found["levels"] = {name: self._level(level, f"levels.{name}") for name, level in found["levels"].items()}
        if isinstance(found.get("quantities"), Sequence):
            found["quantities"] = [self._quantity(each) for each in found["quantities"]]
        if "primary" in found:
            found["primary"] = self._prediction(found["primary"])
        return found

    def _words(self, text: Any, key: str) -> Any:
        if not isinstance(text, str):
            return text
        text = folded(text, "en")
        return Words(text, self.zh.get(key, text))

    def _common(self, key: str, text: str) -> Words:
        return Words(folded(text, "en"), self.shared.zh[key])

    def _filled(self, text: str, language: str) -> str:
        def piece(match: re.Match[str]) -> str:
            found = self._find("literature", match[1], "literature")
            return "" if found is None else str(getattr(self._common(f"literature.{match[1]}", found), language))

        return re.sub(r"\{([\w-]+)\}", piece, text)

    def _arms(self, given: Any) -> Any:
        if not isinstance(given, list | str):
            return given
        arms = []
        for each in [given] if isinstance(given, str) else given:
            if isinstance(each, str):
                for arm in self._find("arms", each, "arms") or ():
                    title = self._common(f"arms.{each}.{arm['name']}", arm["title"])
                    arms.append({**arm, "title": title})
            elif isinstance(each, Mapping):
                title = self._words(each.get("title"), f"arms.{_name(each)}")
                arms.append({**each, "title": title, "settings": self._settings(each.get("settings", ()), "arms")})
            else:
                arms.append(each)
        return arms

    def _level(self, given: Any, place: str) -> Any:
        if isinstance(given, str):
            given = {"use": given}
        if not isinstance(given, Mapping):
            return given
        own = dict(given)
        if isinstance(name := own.pop("use", None), str):
            own = {**self._level(self._find("levels", name, place) or {}, place), **own}
        if "settings" in own:
            own["settings"] = self._settings(own["settings"], place)
        if isinstance(own.get("arms"), Mapping):
            own["arms"] = {arm: self._settings(each, place) for arm, each in own["arms"].items()}
        return own

    def _settings(self, given: Any, place: str) -> Any:
        if not isinstance(given, Sequence) or isinstance(given, str):
            return given
        found: list[Any] = []
        for word in given:
            found += (
                (self._find("settings", word, place) or []) if isinstance(word, str) and "=" not in word else [word]
            )
        return found

    def _quantity(self, given: Any) -> Any:
        if isinstance(given, str):
            return {"measure": given.removeprefix("log2 "), "log2": given.startswith("log2 ")}
        if isinstance(given, Mapping) and "title" in given:
            return {**given, "title": self._words(given["title"], f"quantities.{_name(given)}")}
        return given

    def _prediction(self, given: Any) -> Any:
        if isinstance(given, Mapping) and isinstance(margin := given.get("margin"), str):
            return {**given, "margin": self._find("margins", margin, "primary") or 0.0}
        return given

    def _find(self, kind: str, name: str, place: str) -> Any:
        """A shared piece; None, and an error, if there is none of that name."""
        known = self.shared.tree[kind]
        if name not in known:
            self.errors.append(f"{place}: shared.toml has no {name!r} among its {kind}; {nearest(name, known)}")
        return known.get(name)
