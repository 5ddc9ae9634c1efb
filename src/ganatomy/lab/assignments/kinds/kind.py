"""A kind of mistake, and what it says of one filling."""

from __future__ import annotations

from dataclasses import dataclass

from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words, filled


@dataclass(frozen=True)
class Kind:
    """Of a mistake; the text has the facts of this one."""

    name: str
    text: Words

    @classmethod
    def of(cls, name: str, /, **facts: object) -> Kind:
        text = filled(TEXTS[f"KINDS.{name}"], **facts)
        return cls(name, Words(text.en[:1].upper() + text.en[1:], text.zh))
