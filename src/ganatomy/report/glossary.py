"""The glossary: the names of states, lines, facts, metrics and settings, and what they mean, in both languages.

The English help of a setting is the string under its field, and that of a metric is in the table of measures. Their
Chinese is in `texts/help.zh.toml`. A new setting without Chinese help is shown in English.
"""

from __future__ import annotations

from ganatomy.config import Setting
from ganatomy.evaluation import MEASURES
from ganatomy.report.texts import HELP_ZH, TEXTS
from ganatomy.report.wording import plain
from ganatomy.studies.results import State
from ganatomy.words import Words

_IN_ORDER: tuple[State, ...] = ("finished", "failed", "waiting")
STATES = {state: TEXTS[f"STATES.{state}"] for state in _IN_ORDER}
LINE = TEXTS.section("LINE")
FACTS = TEXTS.section("FACTS")
"""What env.json says about a run, apart from its packages."""
BETTER = TEXTS.section("BETTER")
METRICS = TEXTS.section("METRICS")


def metric(name: str) -> Words:
    """A metric's title; the name itself if it has none."""
    return METRICS.get(name, plain(name))


def metric_means(name: str) -> Words:
    """What a metric measures, on one line."""
    what = MEASURES[name].what if name in MEASURES else ""
    return Words(what, HELP_ZH.get(f"METRICS.{name}", what))


def better(name: str) -> Words:
    """Which direction of a metric is better."""
    return BETTER[MEASURES[name].better] if name in MEASURES else plain("")


def setting_help(setting: Setting) -> Words:
    """What a setting does."""
    keys = (f"SETTINGS.{setting.name}={setting.value}", f"SETTINGS.{setting.name}")
    chinese = next((HELP_ZH[key] for key in keys if key in HELP_ZH), setting.help)
    return Words(setting.help, chinese)
