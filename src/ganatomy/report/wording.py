"""Putting texts together: blanks filled in, lists, counts, durations, in both languages at once."""

from __future__ import annotations

from collections.abc import Sequence

from ganatomy.studies.words import Words


def filled(words: Words, **facts: object) -> Words:
    """The text with its blanks filled in; a fact that is `Words` itself goes into each language's text."""

    def told(language: str) -> dict[str, object]:
        return {name: getattr(fact, language) if isinstance(fact, Words) else fact for name, fact in facts.items()}

    return Words(words.en.format(**told("en")), words.zh.format(**told("zh")))


def plain(text: object) -> Words:
    """Names and figures, which are the same in both languages."""
    return Words(str(text), str(text))


def listed(parts: Sequence[Words]) -> Words:
    """Parts in a row, with each language's own comma."""
    return Words(", ".join(part.en for part in parts), "、".join(part.zh for part in parts))


def counted(count: int, one: str, many: str, zh: str) -> Words:
    """A number with its noun: the singular, the plural, and what stands behind the number in Chinese.

    >>> counted(1, "seed", "seeds", "个种子").en
    '1 seed'
    """
    return Words(f"{count:,} {one if count == 1 else many}", f"{count:,} {zh}")


def duration(seconds: float) -> Words:
    """A length of time with two units at most.

    >>> duration(7384).en, duration(95.2).en, duration(4.21).en
    ('2 h 3 min', '1 min 35 s', '4.2 s')
    """
    if seconds < 60:
        return Words(f"{seconds:.1f} s", f"{seconds:.1f} 秒")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return Words(f"{minutes} min {rest} s", f"{minutes} 分 {rest} 秒")
    hours, minutes = divmod(minutes, 60)
    return Words(f"{hours:,} h {minutes} min", f"{hours:,} 小时 {minutes} 分")
