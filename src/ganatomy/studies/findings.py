"""Findings on disk: STUDIES/claims/CLAIM-LEVEL.json, with a picture of the same name."""

from __future__ import annotations

import json
from pathlib import Path

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.studies.finding import Finding


def finding_file(studies: Path, claim: str, level: str) -> Path:
    """Where the finding on a claim at a level is kept."""
    return studies / "claims" / f"{claim}-{level}.json"


def write(studies: Path, finding: Finding) -> None:
    """Keep a finding."""
    file = finding_file(studies, finding.claim, finding.level)
    file.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(file, json.dumps(finding.tree, indent=1, ensure_ascii=False) + "\n")


def found(studies: Path) -> list[Finding]:
    """All findings below a folder of studies, in the claims' order, `full` ones where there are.

    Raises:
        GanatomyError: a file is no finding.
    """
    names = {file.stem.rpartition("-")[0] for file in (studies / "claims").glob("*.json")}
    kept = []
    for name in sorted(names, key=order):
        for level in ("full", "quick"):
            file = finding_file(studies, name, level)
            if file.is_file():
                kept.append(read(file))
                break
    return kept


def order(claim: str) -> tuple[bool, int, str]:
    """Sorts claims by the number of their question (`q5-collapse`), those of no question last."""
    digits = claim.partition("-")[0][1:]
    return not claim.startswith("q"), int(digits) if digits.isdigit() else 0, claim


def read(file: Path) -> Finding:
    """A finding from its file.

    Raises:
        GanatomyError: it is no finding.
    """
    try:
        return Finding.of_tree(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GanatomyError(
            f"{file} is not what ganatomy claims writes: {error}; remove it and test the claim again"
        ) from error
