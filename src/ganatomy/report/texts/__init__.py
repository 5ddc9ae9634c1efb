"""The report's texts by name: `texts.GLANCE`. They are in `en.toml` and `zh.toml`, by key."""

from __future__ import annotations

import tomllib
from importlib import resources

from ganatomy.words import Words, catalogue, texts_of

_FOLDER = resources.files(__name__)

TEXTS = catalogue(_FOLDER)

HELP_ZH = texts_of(tomllib.loads((_FOLDER / "help.zh.toml").read_text("utf-8")), "zh")
"""The Chinese of what has its English in the code: `SETTINGS.seed`, `METRICS.fid`."""

X_UNITS, X_BUTTONS, X_HOVER, SEVERITIES = map(TEXTS.section, ("X_UNITS", "X_BUTTONS", "X_HOVER", "SEVERITIES"))


def __getattr__(name: str) -> Words:
    try:
        return TEXTS[name]
    except KeyError:
        raise AttributeError(f"the report has no text {name}") from None
