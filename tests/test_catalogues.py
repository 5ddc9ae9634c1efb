"""Texts in Chinese are in catalogues, with the keys of the English ones, and not in the code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pytest

from ganatomy.lab import claims
from ganatomy.lab.assignments import assignment
from ganatomy.lab.expansion import english, english_of_shared, toml
from ganatomy.words import Words, catalogue, filled, texts_of

PACKAGE = resources.files("ganatomy")
SOURCES = Path(str(PACKAGE))
CATALOGUES = sorted(str(file.parent.relative_to(SOURCES)) for file in SOURCES.rglob("en.toml"))
BLANK = re.compile(r"(?<!%)\{(\w+)")
FIGURE = re.compile(r"\{\{(.*?)\}\}")
"""In the answers, what is taken from a finding."""


def read(folder: str, language: str) -> dict[str, str]:
    return texts_of(tomllib.loads((SOURCES / folder / f"{language}.toml").read_text("utf-8")), language)  # type: ignore[arg-type]


def assert_alike(en: Mapping[str, str], zh: Mapping[str, str]) -> None:
    """The same keys, and in each text the same blanks."""
    assert en.keys() - zh.keys() == set(), "no Chinese"
    assert zh.keys() - en.keys() == set(), "no English"
    for key, text in en.items():
        assert set(BLANK.findall(text)) == set(BLANK.findall(zh[key])), key
        assert sorted(FIGURE.findall(text)) == sorted(FIGURE.findall(zh[key])), key


def test_there_are_catalogues() -> None:
    assignments = [f"lab/assignments/{name}" for name in sorted(assignment.NAMES)]
    assert [
        "lab/answers/texts",
        *assignments,
        "lab/classroom/texts",
        "lab/handin/texts",
        "lab/texts",
        "report/texts",
        "studies/texts",
        "watching/texts",
    ] == CATALOGUES


@pytest.mark.parametrize("folder", CATALOGUES)
def test_both_languages_of_a_catalogue_have_the_same_keys(folder: str) -> None:
    assert_alike(read(folder, "en"), read(folder, "zh"))


@pytest.mark.parametrize("name", claims.names())
def test_both_languages_of_a_claim_have_the_same_keys(name: str) -> None:
    assert_alike(
        dict(english(toml(claims.FOLDER / f"{name}.toml"))), texts_of(toml(claims.FOLDER / "zh" / f"{name}.toml"), "zh")
    )


def test_both_languages_of_what_claims_share_have_the_same_keys() -> None:
    shared = claims.shared()
    assert_alike(dict(english_of_shared(shared.tree)), shared.zh)


def test_every_chinese_claim_has_its_english() -> None:
    chinese = {Path(entry.name).stem for entry in (claims.FOLDER / "zh").iterdir()}
    assert chinese == {*claims.names(), "shared"}


def test_no_code_has_chinese() -> None:
    han = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    found = [
        f"{file.relative_to(SOURCES)}:{number}"
        for file in sorted(SOURCES.rglob("*.py"))
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if han.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(("en", "zh"), [("a = 'x'\nb = 'y'", "a = 'x'"), ("a = 'x'", "a = 'x'\n[b]\nc = 'y'")])
def test_a_key_that_one_language_lacks_is_named(tmp_path: Path, en: str, zh: str) -> None:
    (tmp_path / "en.toml").write_text(en)
    (tmp_path / "zh.toml").write_text(zh)
    with pytest.raises(KeyError, match=r"has b"):
        catalogue(tmp_path)


def test_a_line_break_is_a_space_in_english_and_nothing_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[a]\nb = """\none\ntwo {n}\n"""')
    (tmp_path / "zh.toml").write_text('[a]\nb = """\n一，\n二 {n}\n"""')
    found = catalogue(tmp_path)
    assert found["a.b"] == Words("one two {n}", "一，二 {n}")
    assert filled(found.section("a")["b"], n=3).zh == "一，二 3"
