"""A claim from its experiment to its finding, kept as JSON in the folder of studies, with a picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ganatomy.errors import UsageError, nearest
from ganatomy.lab.claim import Claim, Computed, Values
from ganatomy.lab.ruling import judge, rule_of
from ganatomy.studies import findings
from ganatomy.studies.conduct import Where, conduct
from ganatomy.studies.finding import Finding
from ganatomy.studies.results import Results

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
    """Run a claim's experiment, or what is left of it, and judge; the finding is written to STUDIES/claims/.

    Raises:
        UsageError: the claim has no such level.
        GanatomyError, Interrupted: as `conduct` does.
    """
    if level not in claim.experiment.levels():
        raise UsageError(f"claim {claim.name} has no level {level!r}; {nearest(level, claim.experiment.levels())}")
    began = time.perf_counter()
    study = claim.experiment.study(claim.name, level)
    results: Results | None = None
    values: dict[str, Values]
    failed: tuple[str, ...] = ()
    if isinstance(claim.experiment, Computed):
        values = claim.experiment.compute(level)
        seconds = time.perf_counter() - began
    else:
        assert study is not None
        results = conduct(study, studies, on, parallel, retry, say).read()
        values = {quantity.name: quantity.measure(results) for quantity in claim.quantities}
        failed = tuple(
            f"{trial.arm}, {trial.budget}, seed {trial.seed}: {trial.reason}"
            for trial in results.trials
            if trial.state == "failed"
        )
        seconds = sum(trial.run.history[-1]["seconds"] for trial in results.trials if trial.state == "finished")
    ruling, checks = judge(claim, values)
    finding = Finding(
        claim=claim.name,
        question=claim.question,
        level=level,
        text=claim.text,
        claimant=claim.claimant,
        experiment=claim.design,
        rule=rule_of(claim),
        ruling=ruling,
        meaning=claim.meanings[ruling],
        literature=claim.literature,
        titles=claim.titles,
        checks=checks,
        values={name: {arm: _by_seed(each) for arm, each in found.items()} for name, found in values.items()},
        failed=failed,
        command=f"ganatomy claims run {claim.file or claim.name} --level {level}",
        seconds=round(seconds, 1),
    )
    findings.write(studies, finding)
    return finding, results


def _by_seed(values: dict[int, float | None]) -> dict[str, float | None]:
    return {str(seed): value for seed, value in values.items()}
