"""What `ganatomy claims` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganatomy.errors import UsageError
from ganatomy.lab import claims, examination, findings
from ganatomy.lab.claim import RULINGS, Claim
from ganatomy.lab.finding import Finding
from ganatomy.lab.ruling import rule_of
from ganatomy.lab.texts import TEXTS
from ganatomy.report import command as report
from ganatomy.report.answered import Answered
from ganatomy.studies import conduct
from ganatomy.studies.folder import StudyFolder
from ganatomy.words import Language, Words, filled


@dataclass(frozen=True)
class Answer:
    """For programs, and for people."""

    tree: Any
    lines: list[str]


def catalogue(studies: Path) -> Answer:
    """All claims in a line each, with the verdict at the highest level that was run."""
    tree, lines = [], []
    width = max(len(name) for name in claims.names())
    for name in claims.names():
        claim, known = claims.get(name), findings.found(name, studies)
        finding = list(known.values())[-1] if known else None
        verdict = f"{RULINGS[finding.ruling].en} ({finding.level})" if finding else ""
        tree.append({"name": name, "question": claim.question, "claim": claim.text.en, "verdict": verdict or None})
        lines.append(f"{name:{width}}  {claim.text.en}" + (f"  -> {verdict}" if verdict else ""))
    return Answer(tree, [*lines, "", "next: ganatomy answer q7, ganatomy claims show Q5, or ganatomy claims run Q5"])


def describe(asked: Sequence[str], language: Language, studies: Path) -> Answer:
    """Claims in full, as they were fixed before anything was run, and what came of them."""
    tree, lines = [], []
    for claim in claims.asked_for(asked):
        known = findings.found(claim.name, studies)
        facts = _facts(claim, language)
        tree.append({**facts, "findings": {level: finding.tree for level, finding in known.items()}})
        lines += [f"{claim.name} ({claim.question})"]
        lines += [f"  {name}: {text}" for name, text in facts.items() if name not in ("name", "question")]
        for level, finding in known.items():
            lines += [f"  verdict at {level}: {_say(RULINGS[finding.ruling], language)}"]
            lines += [f"    {line}" for line in details(claim, finding, language)]
        lines += ["" if known else "  verdict: none yet", ""]
    return Answer(tree, [*lines, f"next: ganatomy claims run {' '.join(asked)}".rstrip()])


def _facts(claim: Claim, language: Language) -> dict[str, str]:
    primary = [] if claim.primary is None else [claim.primary]
    titles = (("primary", primary), ("premises", claim.premises), ("secondary", claim.secondary))
    predictions = {
        title: "; ".join(_say(claim.words(each), language) for each in found) for title, found in titles if found
    }
    return {
        "name": claim.name,
        "question": claim.question,
        "claim": _say(claim.text, language),
        "claimed by": _say(claim.claimant, language),
        "experiment": _say(claim.design, language),
        **predictions,
        "rule": _say(rule_of(claim), language),
        **{f"if {ruling}": _say(meaning, language) for ruling, meaning in claim.meanings.items()},
        "literature": _say(claim.literature, language),
        "levels": ", ".join(
            f"{each} (up to {claim.experiment.most(each)} seeds)" for each in claim.experiment.levels()
        ),
    }


def run(
    asked: Sequence[str],
    level: str,
    studies: Path,
    parallel: int | None,
    on: str,
    retry: bool,
    say: Callable[[str], None],
) -> Answer:
    """Test claims one after the other; each has its finding in STUDIES/claims, and its study a report.

    Raises:
        UsageError: an unknown claim, level or place, before anything is trained; a claim that is named has no such level.
        GanatomyError, Interrupted: as `conduct` does.
    """
    where = conduct.place(on)
    chosen = claims.asked_for(asked)
    able = [claim for claim in chosen if level in claim.experiment.levels()]
    if not able:
        raise UsageError(f"--level {level}: {', '.join(claim.name for claim in chosen)} cannot be tested at it")
    made, lines = [], []
    for claim in able:
        say(f"{claim.name}: {claim.text.en}")
        finding, results = examination.examine(claim, level, studies, where, parallel, retry, say)
        if results is not None:
            report.write([StudyFolder.of(results.study, studies).path], None, answered(studies, [claim]))
        made.append(finding)
        lines += [*verdict(claim, finding), ""]
    skipped = [claim.name for claim in chosen if claim not in able]
    if skipped:
        lines += [f"without a level {level}: {', '.join(skipped)}", ""]
    return Answer([finding.tree for finding in made], [*lines, "next: ganatomy answer, or ganatomy claims show NAME"])


def verdict(claim: Claim, finding: Finding) -> list[str]:
    """A finding in a few lines."""
    return [
        f"{claim.name}: {RULINGS[finding.ruling].en.upper()} at level {finding.level}",
        f"  {claim.text.en}",
        *(f"  {line}" for line in details(claim, finding, "en")),
        *(f"  FAILED: {line}" for line in finding.failed),
        *(["  --retry tries failed runs again"] if finding.failed else []),
    ]


def details(claim: Claim, finding: Finding, language: Language) -> list[str]:
    """What the verdict rests on: the primary difference, the premises and the others, and what the outcome means."""
    measured = [*([] if finding.primary is None else [finding.primary]), *finding.premises, *finding.secondary]
    predicted = [*([] if claim.primary is None else [claim.primary]), *claim.premises, *claim.secondary]
    lines = [
        f"{_say(claim.words(each), language)}: {_say(found.words, language)}"
        for each, found in zip(predicted, measured, strict=False)
    ]
    if finding.seeds_needed is not None:
        lines.append(_say(filled(TEXTS["seeds_needed"], seeds=finding.seeds_needed), language))
    return [*lines, _say(claim.meanings[finding.ruling], language)]


def answered(studies: Path | None, chosen: Sequence[Claim]) -> list[Answered]:
    """Claims with a finding as lines for the report, at the highest level that was run."""
    rows = []
    for claim in chosen:
        known = findings.found(claim.name, studies)
        if known:
            level, finding = list(known.items())[-1]
            rows.append(
                Answered(
                    question=claim.name,
                    text=claim.text,
                    kind=finding.ruling,
                    ruling=RULINGS[finding.ruling],
                    meaning=claim.meanings[finding.ruling],
                    level=level,
                    measured=None if finding.primary is None else finding.primary.words,
                )
            )
    return rows


def _say(words: Words, language: Language) -> str:
    return str(getattr(words, language))
