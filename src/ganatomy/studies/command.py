"""What `ganatomy study` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganatomy.studies import file, jobs
from ganatomy.studies.plan import Study
from ganatomy.studies.pool import Pool


@dataclass(frozen=True)
class Answer:
    """For programs, and for people."""

    tree: Any
    lines: list[str]
    failed: bool = False


def catalogue() -> Answer:
    """The studies that come with the package."""
    tree, lines = [], []
    for name in file.names():
        found = file.read(name)
        tree.append({"name": name, "title": found.title.en, "levels": list(found.levels)})
        lines += [f"{name}: {found.title.en}"]
        for level, at in found.levels.items():
            budgets = " and ".join(each if isinstance(each, str) else each.amount for each in at.budgets)
            lines.append(f"    --level {level}: {len(at.seeds)} seeds, {budgets}; {' '.join(at.settings)}")
    return Answer(tree, [*lines, "", "next: ganatomy study course"])


def planned(name: str, words: Sequence[str], level: str | None, seeds: int | None, budgets: Sequence[str]) -> Study:
    """The plan that a command line asks for."""
    return file.load(name, level, words, None if seeds is None else range(seeds), budgets)


def dry_run(
    name: str, words: Sequence[str], level: str | None, seeds: int | None, budgets: Sequence[str], studies: Path
) -> Answer:
    """The runs of a plan with their state."""
    study = planned(name, words, level, seeds, budgets)
    pool = Pool(studies)
    rows = [(job, pool.state(Path(job.path))[0]) for job in jobs.plan(study, pool.path)]
    tree = [{"run": job.path, "state": state, "command": job.command} for job, state in rows]
    return Answer(tree, [f"{job.title} ({state}): {job.command}" for job, state in rows])
