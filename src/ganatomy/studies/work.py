"""What an executor carries out: jobs one after the other, as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from ganatomy.studies.failure import Failure
from ganatomy.studies.jobs import Job

OnEnd = Callable[[Job, Failure | None], None]
"""Called with every job that ended, and why it failed if it did."""


class Work(Protocol):
    """Jobs, and who is told what became of them. Called from one thread."""

    def next(self) -> Job | None:
        """The next job; None where there is none now."""

    def is_done(self) -> bool:
        """Whether no job will come any more, whatever becomes of those that run."""

    def look(self, job: Job) -> Failure | None:
        """Called again and again while a job runs: a reason to stop it, or None."""

    def ended(self, job: Job, failure: Failure | None) -> None:
        """Called when a job has ended; with the reason of `look` where it was stopped for that."""

    def interrupted(self, job: Job) -> None:
        """Called for each job that was running when the executor itself was stopped; its run has a checkpoint."""


class Queue:
    """Work that is known beforehand."""

    def __init__(self, jobs: Sequence[Job], on_end: OnEnd) -> None:
        self._waiting = deque(jobs)
        self._on_end = on_end

    def next(self) -> Job | None:
        return self._waiting.popleft() if self._waiting else None

    def is_done(self) -> bool:
        return not self._waiting

    def look(self, job: Job) -> Failure | None:
        return None

    def ended(self, job: Job, failure: Failure | None) -> None:
        self._on_end(job, failure)

    def interrupted(self, job: Job) -> None:
        return
