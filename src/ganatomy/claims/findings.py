"""Findings on disk: STUDIES/claims/CLAIM-LEVEL.json, with a picture of the same name beside it."""

from __future__ import annotations

import json
from pathlib import Path

from ganatomy import claims
from ganatomy.claims.finding import Finding
from ganatomy.errors import GanatomyError


def finding_file(studies: Path, claim: str, level: str) -> Path:
    """Where the finding on a claim at a level is kept."""
    return studies / "claims" / f"{claim}-{level}.json"


def found(studies: Path) -> list[Finding]:
    """All findings below a folder of studies, in the claims' order, `full` ones where there are.

    Raises:
        GanatomyError: a file is no finding.
    """
    kept = []
    for name in claims.names():
        for level in ("full", "quick"):
            file = finding_file(studies, name, level)
            if file.is_file():
                kept.append(read(file))
                break
    return kept


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
