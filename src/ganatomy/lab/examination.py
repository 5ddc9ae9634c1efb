"""A claim from its experiment to its finding: as many seeds as it takes, one look after the other."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from ganatomy.errors import UsageError, nearest
from ganatomy.lab import findings
from ganatomy.lab.claim import Claim, Computed, Values
from ganatomy.lab.finding import Finding
from ganatomy.lab.ruling import Judgement, judge
from ganatomy.studies.conduct import Where, conduct
from ganatomy.studies.results import Results
from ganatomy.studies.sequential import LOOKS, seeds_needed

Say = Callable[[str], None]


def examine(
    claim: Claim,
    level: str,
    studies: Path,
    on: Where = "here",
    parallel: int | None = None,
    retry: bool = False,
    say: Say = lambda line: None,
) -> tuple[Finding, Results | None]:
    """Run a claim's experiment, or what is left of it, until it is decided; the finding is written to STUDIES/claims/.

    Raises:
        UsageError: the claim has no such level.
        GanatomyError, Interrupted: as `conduct` does.
    """
    if level not in claim.experiment.levels():
        raise UsageError(f"claim {claim.name} has no level {level!r}; {nearest(level, claim.experiment.levels())}")
    began = time.perf_counter()
    most = claim.experiment.most(level)
    results: Results | None = None
    values: dict[str, Values] = {}
    judgements: list[Judgement] = []
    for seeds in [each for each in LOOKS if each < most] + [most]:
        if isinstance(claim.experiment, Computed):
            values = claim.experiment.compute(seeds)
        else:
            results = _results(claim, level, seeds, studies, on, parallel, retry, say)
            values = {quantity.name: quantity.measure(results) for quantity in claim.quantities}
        judgements.append(judge(claim, values))
        say(f"{claim.name}, {level}, {seeds} seeds: {judgements[-1].ruling}")
        if judgements[-1].ruling != "not decided":
            break
    last = judgements[-1]
    needed = None
    if last.ruling == "not decided" and last.at is not None and claim.primary is not None:
        needed = seeds_needed(last.at, claim.primary.margin)
    finding = Finding(
        claim=claim.name,
        level=level,
        ruling=last.ruling,
        primary=last.primary,
        looks=tuple(each.at for each in judgements if each.at is not None),
        premises=last.premises,
        secondary=last.secondary,
        seeds=seeds,
        seeds_needed=needed,
        values=values,
        failed=_failed(results),
        runs={} if results is None else _seconds(results),
        seconds=0.0 if results is not None else round(time.perf_counter() - began, 1),
        design=claim.digests[level],
        code=findings.code_digest(),
        versions={"python": platform.python_version(), "torch": version("torch"), "ganatomy": version("ganatomy")},
    )
    findings.write(studies, finding)
    return finding, results


def _results(
    claim: Claim, level: str, seeds: int, studies: Path, on: Where, parallel: int | None, retry: bool, say: Say
) -> Results:
    """The runs of the first so many seeds; the study's folder may have more from before."""
    study = claim.experiment.study(claim.name, level, seeds)
    assert study is not None
    found = conduct(study, studies, on, parallel, retry, say).read()
    return Results(study, tuple(trial for trial in found.trials if trial.seed in study.seeds))


def _failed(results: Results | None) -> tuple[str, ...]:
    trials = () if results is None else results.trials
    return tuple(
        f"{trial.arm}, {trial.budget}, seed {trial.seed}: {trial.reason}" for trial in trials if trial.state == "failed"
    )


def _seconds(results: Results) -> dict[str, float]:
    return {
        trial.path.name: round(trial.run.history[-1]["seconds"], 1)
        for trial in results.trials
        if trial.state == "finished"
    }
