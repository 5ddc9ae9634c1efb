"""Texts put together from parts, in both languages at once: lists, counts, durations."""

from __future__ import annotations

from collections.abc import Sequence

from ganatomy.report.texts import TEXTS
from ganatomy.words import Words, filled

__all__ = ["counted", "duration", "filled", "listed", "plain"]


def plain(text: object) -> Words:
    """Names and numbers, which are the same in both languages."""
    return Words(str(text), str(text))


def listed(parts: Sequence[Words]) -> Words:
    """Parts in a row, separated by each language's own comma."""
    comma = TEXTS["LIST_COMMA"]
    return Words(comma.en.join(part.en for part in parts), comma.zh.join(part.zh for part in parts))


def counted(count: int, noun: str, **facts: object) -> Words:
    """A number with its noun, which is a key of the sections ONE and MANY; `facts` fill its other blanks.

    >>> counted(1, "seeds").en
    '1 seed'
    """
    return filled(TEXTS[f"{'ONE' if count == 1 else 'MANY'}.{noun}"], count=f"{count:,}", **facts)


def duration(seconds: float) -> Words:
    """A length of time in at most two units.

    >>> duration(7384).en, duration(95.2).en, duration(4.21).en
    ('2 h 3 min', '1 min 35 s', '4.2 s')
    """
    if seconds < 60:
        return filled(TEXTS["DURATION.seconds"], seconds=seconds)
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return filled(TEXTS["DURATION.minutes"], minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    return filled(TEXTS["DURATION.hours"], hours=hours, minutes=minutes)
