"""A sweep's table while it runs: redrawn in a terminal, a line a trial elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from ganatomy.studies.sweep.results import SweepResults

BEST = 5
"""Trials in the table."""


class Display:
    """Shows results as they grow, on stderr."""

    def __init__(self, console: Console, live: Live | None) -> None:
        self._console = console
        self._live = live
        self._began = time.monotonic()
        self._ended: int | None = None

    def say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def shown(self, results: SweepResults) -> None:
        from ganatomy.report import sweep_table

        ended = sum(trial.state in ("complete", "pruned", "failed") for trial in results.trials)
        if self._live is None:
            if ended != self._ended:
                self.say(f"{sweep_table.headline(results)}{self._remaining(results, ended)}")
        else:
            lines = [sweep_table.headline(results) + self._remaining(results, ended)]
            lines += sweep_table.trials(results, BEST) if results.ranked else []
            self._live.update(Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in lines)), refresh=True)
        self._ended = ended if self._ended is None or self._live is None else self._ended

    def _remaining(self, results: SweepResults, ended: int) -> str:
        """What the search will still take, at the pace so far."""
        from ganatomy.report import sweep_table

        if self._ended is None:
            self._first = ended
        done, left = ended - self._first, results.sweep.trials - ended
        if done < 1 or left < 1:
            return ""
        pace = (time.monotonic() - self._began) / done
        best = results.ranked[0] if results.ranked else None
        metric = results.sweep.metrics[0]
        leading = (
            f"; best {metric} {best.value(metric):.3g} (trial {best.number})" if best and self._live is None else ""
        )
        return f"{leading}; about {sweep_table.duration(pace * left)} left of the search"


@contextmanager
def live(console: Console | None = None) -> Iterator[Display]:
    """A display for as long as a sweep runs; unset, on stderr."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield Display(console, None)
        return
    with Live(console=console, transient=True, auto_refresh=False) as table:
        yield Display(console, table)
