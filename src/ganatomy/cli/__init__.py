"""The command line: Typer commands, nothing else. What is heavy is imported inside each."""

from __future__ import annotations

import logging
import sys

import typer

# Their order here is that of `ganatomy --help`.
from ganatomy.cli import runs, scores, lists  # isort: skip
from ganatomy.cli.app import app

__all__ = ["app", "lists", "main", "runs", "scores"]


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 wrong usage, 130 and 143 interrupted with the checkpoint safe."""
    from ganatomy.errors import GanatomyError

    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("ganatomy").setLevel(logging.INFO)
    try:
        app()
    except GanatomyError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        place = f"{error.filename} " if error.filename else "a file "
        typer.echo(f"error: {place}cannot be read or written: {error.strerror or error}; give another place", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("interrupted; what was not saved by then is lost, and nothing is half-written", err=True)
        sys.exit(130)
