"""What all commands share: the program, how settings and results are given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ganatomy.paths import of_user


class Stopped(Exception):
    """A KeyboardInterrupt on its way to `main`."""

    def __init__(self, by: KeyboardInterrupt) -> None:
        super().__init__(str(by))
        self.by = by


class Commands(TyperGroup):
    """Typer's group of commands, which would end at a KeyboardInterrupt without a word."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Stopped(error) from error


app = typer.Typer(
    cls=Commands,
    name="ganatomy",
    help="Train, measure and explain generative adversarial networks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from ganatomy import __version__

        typer.echo(f"ganatomy {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Train, measure and explain generative adversarial networks."""


Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...",
        help="Changes to settings: data=digits train.epochs=5 seed=3; KEY=unset for what may be unset.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one JSON object on stdout, for programs.")]
RunPath = Annotated[
    Path, typer.Argument(parser=of_user, metavar="RUN", help="A run's folder, such as runs/dcgan-digits-s0.")
]

TrustCode = Annotated[
    bool,
    typer.Option("--trust-code", help="Execute the copy of an objective's, model's or data's code in a run's folder."),
]


def trust(runs: Iterable[Path], trust_code: bool) -> None:
    """Allow the code inside these run folders, if the user says so."""
    if trust_code:
        from ganatomy.runs import code

        for run in runs:
            code.trust(run)


def show(as_object: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """The result on stdout: a JSON object for programs, lines for people."""
    typer.echo(json.dumps(as_object) if as_json else "\n".join(lines))
