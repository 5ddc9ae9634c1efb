"""The command line: Typer commands, nothing else. What is heavy is imported inside each."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import typer

# Their order here is that of `ganatomy --help`.
from ganatomy.cli import runs, scores, studies, sweeps, claims, lab, lists  # isort: skip
from ganatomy.cli.app import Stopped, app

if TYPE_CHECKING:
    from ganatomy.errors import GanatomyError, Interrupted

__all__ = ["app", "claims", "lab", "lists", "main", "runs", "scores", "studies", "sweeps"]


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 wrong usage, 130 and 143 interrupted with the checkpoint safe.

    Of several processes (torchrun) one alone prints.
    """
    from ganatomy.errors import GanatomyError, Interrupted

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            # A letter that the terminal, or the encoding of a pipe, does not have costs no result.
            stream.reconfigure(errors="backslashreplace")
    # A notebook's cells hand it on, and what it names need not be installed here. Pictures for files need no backend.
    os.environ.pop("MPLBACKEND", None)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("ganatomy").setLevel(logging.INFO)
    try:
        with _one_process_prints():
            app()
    except GanatomyError as error:
        _report(error, f"error: {error}")
    except Stopped as stopped:
        if isinstance(stopped.by, Interrupted):
            _report(stopped.by, str(stopped.by))
        elif _is_first():
            typer.echo("interrupted; what was not saved by then is lost, and nothing is half-written", err=True)
        sys.exit(130)
    except OSError as error:
        place = f"{error.filename} " if error.filename else "a file "
        typer.echo(f"error: {place}cannot be read or written: {error.strerror or error}; give another place", err=True)
        sys.exit(1)


def _report(error: GanatomyError | Interrupted, message: str) -> NoReturn:
    """Print how the command ended, in one of its processes, and end."""
    if error.reporting is None or error.reporting.is_mine:
        typer.echo(message, err=True)
    if error.reporting is not None:
        error.reporting.done()
    sys.exit(error.exit_code)


def _is_first() -> bool:
    return os.environ.get("RANK", "0") == "0"


@contextlib.contextmanager
def _one_process_prints() -> Iterator[None]:
    """Inside, other processes than rank 0 print nothing: what they would say, it says too. Uncaught errors still show."""
    if _is_first():
        yield
        return
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):  # noqa: PTH123
        try:
            yield
        except SystemExit as leaving:
            if leaving.code:
                # A usage error of the command line, the same in all. A launcher stops all processes when the first has
                # ended, so rank 0 gets the time to print it, and this one ends with its own exit code.
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(2)
            raise
