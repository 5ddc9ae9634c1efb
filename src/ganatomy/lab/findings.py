"""Findings on disk: those that come with the package in `findings/LEVEL/CLAIM.json`, one's own in STUDIES/claims/CLAIM-LEVEL.json."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.lab.claim import LEVELS
from ganatomy.lab.finding import Finding

SHIPPED = resources.files("ganatomy") / "lab" / "findings"

DIGITS = 5
"""Significant digits of the values in a file."""

DECIDING = (
    *("arrays", "config", "data", "distributed", "evaluation", "features", "images", "metrics", "models", "objectives"),
    *("probes", "runs", "training", "randomness.py", "studies/sequential.py"),
    *(
        "lab/objectives",
        "lab/recipes",
        "lab/measures.py",
        "lab/group_measures.py",
        "lab/ruling.py",
        "lab/saturation.py",
    ),
)
"""What of the package decides the values and the verdicts."""


def finding_file(studies: Path, claim: str, level: str) -> Path:
    """Where one's own finding on a claim at a level is kept."""
    return studies / "claims" / f"{claim}-{level}.json"


def write(studies: Path, finding: Finding) -> None:
    """Keep a finding of one's own."""
    keep(finding_file(studies, finding.claim, finding.level), finding)


def keep(file: Path, finding: Finding) -> None:
    """Write a finding into a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(file, json.dumps(_rounded(finding.tree), separators=(",", ":"), ensure_ascii=False) + "\n")


def found(claim: str, studies: Path | None = None) -> dict[str, Finding]:
    """{level: finding} on a claim, the lowest level first; one's own before the package's.

    Raises:
        GanatomyError: a file is no finding.
    """
    known: dict[str, Finding] = {}
    for level in LEVELS:
        own = None if studies is None else finding_file(studies, claim, level)
        for file in (own, SHIPPED / level / f"{claim}.json"):
            if file is not None and file.is_file():
                known[level] = read(file)
                break
    return known


def read(file: Traversable) -> Finding:
    """A finding from its file.

    Raises:
        GanatomyError: it is no finding.
    """
    try:
        return Finding.of_tree(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise GanatomyError(
            f"{file} is not what ganatomy claims writes: {error}; remove it and test the claim again"
        ) from error


def order(claim: str) -> tuple[bool, int, str]:
    """Sorts claims by the number of their question (`q5-collapse`), those of no question last."""
    digits = claim.partition("-")[0][1:]
    return not claim.startswith("q"), int(digits) if digits.isdigit() else 0, claim


@cache
def code_digest() -> str:
    """SHA-256 over the package's files that decide the values."""
    root = Path(str(resources.files("ganatomy")))
    content = hashlib.sha256()
    for name in DECIDING:
        place = root / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in (".py", ".toml", ".json"):
                content.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return content.hexdigest()


def _rounded(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _rounded(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_rounded(value) for value in tree]
    if isinstance(tree, float):
        return float(f"{tree:.{DIGITS}g}") if math.isfinite(tree) else None
    return tree
