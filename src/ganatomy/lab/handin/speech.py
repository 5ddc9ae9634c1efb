"""A report's texts in its language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganatomy.lab.handin.texts import TEXTS
from ganatomy.lab.handin.trained import Setting
from ganatomy.report import wording
from ganatomy.report.scores import number
from ganatomy.words import Language, Words, filled


@dataclass(frozen=True)
class Speech:
    """Says things in one language."""

    language: Language

    def __call__(self, key: str, **facts: object) -> str:
        return self.of(filled(TEXTS[key], **facts))

    def of(self, words: Words) -> str:
        return str(getattr(words, self.language))

    def listed(self, parts: Sequence[str]) -> str:
        return self("and").join(parts)

    def setting(self, setting: Setting) -> str:
        """The name of a setting, with the network that it is of."""
        name, player = setting
        shown = self(f"SETTING.{name}") if f"SETTING.{name}" in TEXTS else name
        return self("of", setting=shown, player=self(player)) if player else shown

    def duration(self, seconds: float | None) -> str:
        return "–" if seconds is None else self.of(wording.duration(seconds)).replace(" ", "\u00a0")

    def number(self, value: float | None) -> str:
        return "–" if value is None else number(value).replace("-", "−")

    def scored(self, value: float | None, interval: tuple[float, float] | None) -> str:
        """A score with its interval."""
        if value is None:
            return self("TUNING.not_scored")
        return f"{value:.3g} [{interval[0]:.3g},\u00a0{interval[1]:.3g}]" if interval else f"{value:.3g}"
