"""The report's texts: each in English and in Chinese, with the same blanks."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest

from ganatomy.config import Setting, recipe, settings
from ganatomy.data import sources
from ganatomy.evaluation import MEASURES
from ganatomy.lab import texts as lab_texts
from ganatomy.models import families
from ganatomy.objectives import objectives
from ganatomy.plugin.settings import field_help, field_types
from ganatomy.report import glossary, texts
from ganatomy.report.filters import effect, label, number, probability, say, say_help, signed
from ganatomy.report.wording import counted, duration, filled, listed, plain
from ganatomy.runs import recorded
from ganatomy.studies import texts as study_texts
from ganatomy.studies.statistics import difference
from ganatomy.words import Words


def all_words() -> Iterator[tuple[str, Words]]:
    for package in (texts, study_texts, lab_texts):
        yield from package.TEXTS.items()


OWN = {"model": recorded.OwnNetworks, "objective": recorded.OwnLoss, "optimizer": recorded.OwnOptimizers}
"""What stands for the settings of a recorded loop."""


def blanks(text: str) -> list[str]:
    if "%{" in text:  # plotly's own
        return re.findall(r"%\{([^}]*)\}", text)
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize(("name", "words"), list(all_words()))
def test_every_text_is_in_both_languages_with_the_same_blanks(name: str, words: Words) -> None:
    assert words.en
    assert words.zh
    assert set(blanks(words.en)) == set(blanks(words.zh))
    if words.en != words.zh and name not in ("LANGUAGE", "LANGUAGE_LABEL"):
        assert not re.search(r"[\u4e00-\u9fff]", words.en)
        assert re.search(r"[\u4e00-\u9fff，（、：]", words.zh)


def test_every_metric_has_a_title_and_a_meaning_in_both_languages() -> None:
    assert set(MEASURES) <= set(glossary.METRICS)
    for name in MEASURES:
        assert glossary.metric_means(name).en == MEASURES[name].what
        assert re.search(r"[\u4e00-\u9fff]", glossary.metric_means(name).zh)
    assert glossary.metric("new").en == "new"
    assert glossary.better("new").en == ""


def test_the_usual_settings_have_their_help_in_chinese() -> None:
    for name in ("gan", "dcgan", "wgan", "gan-as-reported", "dcgan-as-reported"):
        for setting in settings(recipe.load(name, ["data=digits"])):
            words = glossary.setting_help(setting)
            assert words.en == setting.help
            assert re.search(r"[\u4e00-\u9fff]", words.zh), setting.name


def test_the_settings_of_a_recorded_loop_have_their_help_in_chinese() -> None:
    for section, own in OWN.items():
        for name, text in field_help(own).items():
            words = glossary.setting_help(Setting(f"{section}.{name}", None, "", text))
            assert words.en
            assert re.search(r"[\u4e00-\u9fff]", words.zh), name


def test_no_help_is_kept_of_a_setting_that_is_no_more() -> None:
    known = {setting.name for setting in settings(recipe.load("gan"))}
    for section, plugins in (("data", sources), ("model", families), ("objective", objectives)):
        for plugin in plugins.names():
            known |= {f"{section}.{field}" for field in field_types(plugins.get(plugin))}
            known.add(f"{section}.name={plugin}")
    for section, own in OWN.items():
        known |= {f"{section}.{field}" for field in field_types(own)}
    assert {key.removeprefix("SETTINGS.") for key in texts.HELP_ZH if key.startswith("SETTINGS.")} <= known


def test_a_text_is_shown_as_text() -> None:
    assert say(Words("<b>", "<i>")) == '<span lang="en">&lt;b&gt;</span><span lang="zh">&lt;i&gt;</span>'
    assert say(plain("<b>")) == "&lt;b&gt;"
    assert str(label(Words('"x"', "y"))).count('"x"') == 0
    assert say_help(plain("`a<b`")) == '<bdi lang="en"><code>a&lt;b</code></bdi>'


def test_blanks_are_filled_in_each_language() -> None:
    words = filled(Words("{n} of {what}", "{what}：{n}"), n=3, what=Words("runs", "运行"))
    assert words == Words("3 of runs", "运行：3")
    assert filled(Words("{n}", "{n}"), n="{x}") == Words("{x}", "{x}")
    assert listed([plain("a"), plain("b")]) == Words("a, b", "a、b")
    assert counted(1, "seeds") == Words("1 seed", "1 个种子")
    assert counted(1200, "seeds").en == "1,200 seeds"


@pytest.mark.parametrize(
    ("seconds", "wanted"), [(4.21, "4.2 s"), (95.2, "1 min 35 s"), (3599.9, "60 min 0 s"), (7384, "2 h 3 min")]
)
def test_durations(seconds: float, wanted: str) -> None:
    assert duration(seconds).en in (wanted, "1 h 0 min")


def test_figures() -> None:
    assert (number(None), number(-0.5), signed(0.5), signed(-0.5), signed(0.0)) == (
        "–",
        "−0.5000",
        "+0.5000",
        "−0.5000",
        "0",
    )
    assert [probability(p) for p in (None, 0.0004, 0.0498, 0.5)] == ["–", "< 0.001", "0.0498", "0.50"]


def test_where_there_is_no_effect_the_reason_stands() -> None:
    assert effect(difference("a", "b", [1.0, 2.0, 4.0])).en.startswith("+")
    assert effect(difference("a", "b", [1.0])).en == "–"
    assert effect(difference("a", "b", [1.1, 2.3])) == texts.TWO_SEEDS_EFFECT
    assert effect(difference("a", "b", [1.3, 1.3, 1.3])) == texts.NO_SPREAD
