"""What `ganatomy claims` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab import claims, examination
from ganatomy.lab.claim import Claim
from ganatomy.lab.ruling import rule_of
from ganatomy.report import command as report
from ganatomy.report import questions
from ganatomy.report.scores import number
from ganatomy.studies import conduct, findings
from ganatomy.studies.finding import RULINGS, Check, Finding
from ganatomy.studies.findings import finding_file
from ganatomy.studies.folder import StudyFolder


@dataclass(frozen=True)
class Answer:
    """For programs, and for people."""

    tree: Any
    lines: list[str]


def catalogue(studies: Path) -> Answer:
    """All claims in a line each, with the verdicts that are there."""
    known = {finding.claim: finding for finding in findings.found(studies)}
    tree, lines = [], []
    width = max(len(name) for name in claims.names())
    for name in claims.names():
        claim, finding = claims.get(name), known.get(name)
        verdict = f"{finding.ruling} ({finding.level})" if finding else ""
        tree.append({"name": name, "question": claim.question, "claim": claim.text.en, "verdict": verdict or None})
        lines.append(f"{name:{width}}  {claim.text.en}" + (f"  -> {verdict}" if verdict else ""))
    return Answer(tree, [*lines, "", "next: ganatomy claims run Q5, or ganatomy claims show Q5"])


def describe(asked: Sequence[str], chinese: bool) -> Answer:
    """Claims in full, as they are fixed before anything is run."""
    tree, lines = [], []
    language = "zh" if chinese else "en"
    for claim in claims.asked_for(asked):
        facts = _facts(claim, language)
        tree.append(facts)
        lines += [f"{claim.name} ({claim.question})"]
        lines += [f"  {name}: {text}" for name, text in facts.items() if name not in ("name", "question")]
        lines += [""]
    return Answer(tree, [*lines, f"next: ganatomy claims run {' '.join(asked)}".rstrip()])


def _facts(claim: Claim, language: str) -> dict[str, str]:
    predictions = [getattr(each.words(claim.titles), language) for each in claim.predictions]
    premises = [getattr(each.words(claim.titles), language) for each in claim.premises]
    return {
        "name": claim.name,
        "question": claim.question,
        "claim": getattr(claim.text, language),
        "claimed by": getattr(claim.claimant, language),
        "experiment": getattr(claim.design, language),
        **({"premises": "; ".join(premises)} if premises else {}),
        "predictions": "; ".join(predictions),
        "rule": getattr(rule_of(claim), language),
        **{f"if {ruling}": getattr(claim.meanings[ruling], language) for ruling in RULINGS},
        "literature": getattr(claim.literature, language),
        "levels": ", ".join(claim.experiment.levels()),
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
    """Test claims one after the other; each has its finding and its picture in STUDIES/claims.

    Raises:
        UsageError: an unknown claim, level or place, before anything is trained.
        GanatomyError, Interrupted: as `conduct` does.
    """
    where = conduct.place(on)
    chosen = claims.asked_for(asked)
    lacking = [claim.name for claim in chosen if level not in claim.experiment.levels()]
    if lacking:
        raise UsageError(f"--level {level}: {', '.join(lacking)} cannot be tested at it")
    made, lines = [], []
    for claim in chosen:
        say(f"{claim.name}: {claim.text.en}")
        finding, results = examination.examine(claim, level, studies, where, parallel, retry, say)
        picture = finding_file(studies, claim.name, level).with_suffix(".png")
        questions.save(finding, results, picture)
        if results is not None:
            report.write([StudyFolder.of(results.study, studies).path], None)
        made.append(finding)
        say(f"{claim.name}: {finding.ruling}")
        lines += [*verdict(finding), f"  picture: {picture}", ""]
    return Answer([finding.tree for finding in made], [*lines, "next: ganatomy claims show NAME"])


def verdict(finding: Finding) -> list[str]:
    """A finding in a few lines."""
    return [
        f"{finding.claim}: {finding.ruling.upper()}",
        f"  {finding.text.en}",
        *(f"  {_check(check)}" for check in finding.checks),
        f"  {finding.meaning.en}",
        *(f"  FAILED: {line}" for line in finding.failed),
        *(["  --retry tries failed runs again"] if finding.failed else []),
    ]


def _check(check: Check) -> str:
    measured = check.difference
    if measured.n == 0:
        return f"{check.prediction.en}: {check.ruling} (no values)"
    interval = (
        "" if measured.low is None or measured.high is None else f", {number(measured.low)} to {number(measured.high)}"
    )
    test = "" if measured.effect is None else f", effect {measured.effect:.1f}, p {measured.p_adjusted:.2g}"
    return f"{check.prediction.en}: {check.ruling} (difference {number(measured.mean)}{interval}{test}, {measured.n} seeds)"


def write(out: Path, studies: Path) -> None:
    """All findings below a folder of studies as one Markdown file in both languages, with their pictures next to it.

    Raises:
        GanatomyError: there is none.
    """
    there = findings.found(studies)
    if not there:
        raise GanatomyError(f"{studies} has no findings yet; make some: ganatomy claims run Q5 --studies {studies}")
    pictures = {each.claim: finding_file(studies, each.claim, each.level).with_suffix(".png") for each in there}
    questions.write(out, there, {claim: picture for claim, picture in pictures.items() if picture.is_file()})
