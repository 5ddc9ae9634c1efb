"""Text that a reader gets in English or in Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The same text in both languages."""

    en: str
    zh: str
