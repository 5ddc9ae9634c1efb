"""Small sweeps for the tests, their runs in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ganatomy.errors import GanatomyError
from ganatomy.studies import jobs
from ganatomy.studies.failure import Failure
from ganatomy.studies.sweep.plan import Asked, Sweep, planned
from ganatomy.studies.work import Work

SPACE = """
"optimizer.lr" = {low = 1e-4, high = 1e-2, log = true}
"train.batch" = {choices = [16, 32]}
"""

WORDS = ("data=digits", "model.hidden=8", "train.log_every=2")


def tiny(folder: Path, **changed: object) -> Sweep:
    """A sweep of the narrow gan on the digits: 4 trials of 10 updates."""
    (folder / "space.toml").write_text(SPACE, encoding="utf-8")
    asked = {"words": WORDS, "space": str(folder / "space.toml"), "budget": "10 updates", "trials": 4, "leaders": 2}
    few = {"repeats": 2, "seeds": 2, "n": 80, "name": "tiny", "diagnosed": False}
    return planned(Asked(recipe="gan", **{**asked, **few, **changed}))  # type: ignore[arg-type]


def in_this_process(work: Work, parallel: int, logs: Path) -> None:
    """`local.run`, without the seconds that a process takes to load torch."""
    while not work.is_done():
        job = work.next()
        if job is None:
            continue
        failure = None
        try:
            jobs.run(job)
        except GanatomyError as error:
            failure = Failure.of(error)
        work.ended(job, work.look(job) if failure is None else failure)


Executor = Callable[[Work, int, Path], None]
