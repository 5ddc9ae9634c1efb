"""How the page's templates write texts and figures; everything is escaped here or by Jinja."""

from __future__ import annotations

import math
import re

from markupsafe import Markup, escape

from ganatomy.report import scores, texts
from ganatomy.studies.statistics import Difference
from ganatomy.words import Words


def say(words: Words) -> Markup:
    """A text in both languages; the page's style shows one of them."""
    if words.en == words.zh:
        return escape(words.en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(words.en, words.zh)


def label(words: Words, attribute: str = "aria-label") -> Markup:
    """An attribute in both languages; the page's script puts in the right one."""
    return Markup(' {0}="{1}" data-{0}-en="{1}" data-{0}-zh="{2}"').format(attribute, words.en, words.zh)


def say_help(words: Words) -> Markup:
    """A text with `names` in backticks, in both languages."""

    def marked(text: str) -> Markup:
        return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))

    if words.en == words.zh:
        # Not a span: those are one language's only.
        return Markup('<bdi lang="en">{}</bdi>').format(marked(words.en))
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(marked(words.en), marked(words.zh))


def raw(text: str) -> Markup:
    """The page's own style and script."""
    return Markup(text)


def number(value: float | None) -> str:
    """Four significant digits; a dash for what is not there."""
    return "–" if value is None else scores.number(value).replace("-", "−")


def signed(value: float | None) -> str:
    """A difference."""
    return "–" if value is None else f"+{number(value)}" if value > 0 else number(value)


def probability(value: float | None) -> str:
    """A p-value.

    >>> probability(0.00012), probability(0.04981), probability(0.312), probability(None)
    ('< 0.001', '0.0498', '0.31', '–')
    """
    # Four digits, so that what is just below 0.05 does not look like it.
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.4f}" if value < 0.1 else f"{value:.2f}"


def effect(found: Difference) -> Words:
    """Hedges' g, or why there is none."""
    if found.effect is not None and math.isfinite(found.effect):
        return Words(signed(found.effect), signed(found.effect))
    if found.n < 2:
        return Words("–", "–")
    return texts.TWO_SEEDS_EFFECT if found.n == 2 else texts.NO_SPREAD


FILTERS = {
    "raw": raw,
    "say": say,
    "label": label,
    "say_help": say_help,
    "number": number,
    "signed": signed,
    "probability": probability,
    "effect": effect,
}
