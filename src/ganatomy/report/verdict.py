"""The report's first sentence: whose images are best, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ganatomy.evaluation import Evaluation
from ganatomy.report import glossary, texts
from ganatomy.report.scores import number
from ganatomy.report.standings import HEADLINE, Table
from ganatomy.report.wording import filled, listed
from ganatomy.words import Words


def sentence(table: Table, titles: Mapping[str, Words]) -> Words | None:
    """By the first headline metric that was measured; None where none has a finite value.

    A difference is called one only where several seeds were held against each other; with one seed the sentence tells
    the values and no more.
    """
    metric = _headline(table)
    if metric is None:
        return None
    order, leaders = table.best(metric), table.leaders(metric)
    facts = {
        "metric": glossary.metric(metric),
        "value": number(table.estimates[metric][order[0]].mean),
        "floor": number(table.floor(metric)),
        "data": table.example.data,
    }
    if len(order) == 1:
        return filled(texts.VERDICT_ONE, arm=titles[order[0]], **facts)
    if len(leaders) != 1:
        return filled(texts.VERDICT_TIE, arms=listed([titles[arm] for arm in leaders or order]), **facts)
    first, second = order[:2]
    said = filled(
        texts.VERDICT_BEST,
        arm=titles[first],
        other=titles[second],
        next=number(table.estimates[metric][second].mean),
        **facts,
    )
    difference = table.difference(metric, first, second)
    if difference is None:
        return said
    sure = texts.VERDICT_OPEN if difference.verdict == "not decided" else texts.VERDICT_DECIDED
    tail = filled(sure, seeds=difference.n)
    return Words(f"{said.en} {tail.en}", said.zh + tail.zh)


def _headline(table: Table) -> str | None:
    return next((metric for metric in HEADLINE if metric in table.metrics and table.best(metric)), None)


def caption(scores: Evaluation | None) -> Words | None:
    """What stands beside a run's pictures: its FID, and how many classes it has; None where it has neither."""
    if scores is None:
        return None
    found = {name: scored.value for name, scored in scores.metrics.items() if math.isfinite(scored.value)}
    words = [
        filled(texts.NAME_AND_VALUE, name=glossary.metric(name), value=number(found[name]))
        for name in HEADLINE[:1]
        if name in found
    ]
    if "classes_found" in found:
        have = round(found["classes_found"])
        words.append(filled(texts.OF_CLASSES, found=have, count=have + len(scores.missing_classes or ())))
    return listed(words) if words else None
