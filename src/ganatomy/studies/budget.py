"""What every arm of a study is given alike: updates of the generator, real images, or seconds of training."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ganatomy.config.timeline import Timeline
from ganatomy.errors import UsageError
from ganatomy.studies.texts import TEXTS
from ganatomy.words import Words, filled

Kind = Literal["updates", "images", "seconds", "own"]
"""`own`: each run has its own length, as in a report on runs that no study planned."""

KINDS: tuple[Kind, ...] = ("updates", "images", "seconds")
"""Those that can be planned."""

_TITLES = TEXTS.section("budgets")


@dataclass(frozen=True)
class Budget:
    """An amount of one kind."""

    kind: Kind
    amount: float

    @classmethod
    def of(cls, text: str) -> Budget:
        """From words such as "600 updates", "90 seconds", "100,000 images".

        Raises:
            UsageError: it is nothing like that.
        """
        match = re.fullmatch(r"\s*([\d,_]+(?:\.\d+)?)\s*([a-z]+)\s*", text)
        number = float(match[1].replace(",", "").replace("_", "")) if match else 0.0
        kinds = {name: name for name in KINDS} | {name[:-1]: name for name in KINDS}
        kind = kinds.get(match[2]) if match else None
        if kind is None or not number > 0 or (kind != "seconds" and number != int(number)):
            raise UsageError(
                f"budget {text!r}: must be a number above 0 and its kind: '600 updates', '100000 images' or '90 seconds'"
            )
        return cls(kind, number)

    def __str__(self) -> str:
        return "own" if self.kind == "own" else f"{self._amount} {self.kind}"

    @property
    def _amount(self) -> str:
        return f"{self.amount:.12g}" if self.kind == "seconds" else f"{int(self.amount)}"

    @property
    def words(self) -> Words:
        """The budget in both languages."""
        amount = f"{self.amount:g}" if self.kind == "seconds" else f"{int(self.amount):,}"
        return filled(_TITLES[self.kind], amount=amount)

    def setting(self, timeline: Timeline) -> str:
        """The setting of `train` that makes a run as long as this; `timeline` says how many images an update draws."""
        if self.kind == "seconds":
            return f"train.seconds={self.amount:.12g}"
        if self.kind == "updates":
            return f"train.updates={int(self.amount)}"
        update, most = 0, 1
        while timeline.images(most) < self.amount:
            most *= 2
        while most - update > 1:
            middle = (update + most) // 2
            update, most = (middle, most) if timeline.images(middle) < self.amount else (update, middle)
        return f"train.updates={most}"
