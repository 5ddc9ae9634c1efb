"""What an answer rests on: its claims with their verdicts, as rows for a page or a terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ganatomy.lab import claims, findings
from ganatomy.lab.answers.answer import Answer, get, names, texts
from ganatomy.lab.claim import LEVELS, RULINGS, Claim
from ganatomy.lab.finding import Finding
from ganatomy.lab.texts import TEXTS
from ganatomy.report.answered import Answered
from ganatomy.words import Language, Words, filled


@dataclass(frozen=True)
class Row:
    """One claim's evidence in one language."""

    name: str
    text: str
    verdict: str
    """At the highest level that was run; a dash where none was."""
    level: str
    others: str
    """The verdicts at lower levels, where they differ; else empty."""
    predicted: str
    """The primary prediction."""
    measured: str
    meaning: str
    design: str
    literature: str
    needed: str
    """How many seeds would decide; else empty."""


def rows(answer: Answer, language: Language, studies: Path | None = None) -> list[Row]:
    """A row for each of the answer's claims."""
    return [_row(claims.get(name), language, studies) for name in answer.facts.claims]


def _row(claim: Claim, language: Language, studies: Path | None) -> Row:
    known = findings.found(claim.name, studies)
    level, finding = list(known.items())[-1] if known else ("", None)
    below = [
        f"{each}: {getattr(RULINGS[other.ruling], language)}"
        for each, other in known.items()
        if finding is not None and other.ruling != finding.ruling
    ]
    predicted = "" if claim.primary is None else getattr(claim.words(claim.primary), language)
    return Row(
        name=claim.name,
        text=getattr(claim.text, language),
        verdict="–" if finding is None else getattr(RULINGS[finding.ruling], language),
        level=level,
        others="; ".join(below),
        predicted=predicted,
        measured="" if finding is None else _measured(finding, language),
        meaning="" if finding is None else getattr(claim.meanings[finding.ruling], language),
        design=getattr(claim.design, language),
        literature=getattr(claim.literature, language),
        needed=""
        if finding is None or finding.seeds_needed is None
        else getattr(filled(TEXTS["seeds_needed"], seeds=finding.seeds_needed), language),
    )


def _measured(finding: Finding, language: Language) -> str:
    shown = finding.primary or next(iter(finding.secondary), None)
    return "" if shown is None else getattr(shown.words, language)


def measured(name: str, language: Language) -> str:
    """A paragraph on what was measured for a question, for a model answer."""
    answer = get(name, language)
    found = [each for each in rows(answer, language) if each.level]
    parts = [
        getattr(texts()["page.measured_claim"], language).format(
            claim=each.text.rstrip("." + "\u3002"), verdict=each.verdict, value=each.measured, level=each.level
        )
        for each in found
    ]
    return getattr(texts()["page.measured_claims"], language).format(name=name, claims=" ".join(parts))


def counted(answer: Answer, language: Language, studies: Path | None = None) -> str:
    """The verdicts of all of its claims in few words: "refuted" of one claim, "2 supported, 3 refuted" of several."""
    verdicts = Counter(each.verdict for each in rows(answer, language, studies) if each.level)
    if not verdicts:
        return "–"
    if len(answer.facts.claims) == 1:
        return next(iter(verdicts))
    order = [getattr(words, language) for words in RULINGS.values()]
    comma = getattr(texts()["page.comma"], language)
    return comma.join(f"{verdicts[each]} {each}" for each in order if each in verdicts)


def level(answer: Answer, studies: Path | None = None) -> str:
    """The highest level at which all of its claims that have it were run; a dash where there is none."""
    reached = [list(findings.found(name, studies)) for name in answer.facts.claims]
    return max((each[-1] for each in reached if each), key=LEVELS.index, default="–")


def total(studies: Path | None = None) -> tuple[int, float]:
    """How many runs are behind all findings, each counted once, and the hours of training and computing on one core."""
    runs: dict[str, float] = {}
    seconds = 0.0
    for name in claims.names():
        for finding in findings.found(name, studies).values():
            runs |= finding.runs
            seconds += finding.seconds
    return len(runs), (sum(runs.values()) + seconds) / 3600


def index(studies: Path | None = None) -> list[Answered]:
    """All questions with their answers in a line, for the HTML report."""
    rows = []
    for en, zh in ((get(name, "en", studies), get(name, "zh", studies)) for name in names()):
        rows.append(
            Answered(
                question=en.name,
                text=Words(en.title, zh.title),
                meaning=Words(en.line, zh.line),
                ruling=Words(counted(en, "en", studies), counted(zh, "zh", studies)),
                level=level(en, studies),
            )
        )
    return rows
