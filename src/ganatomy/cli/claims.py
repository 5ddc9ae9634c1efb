"""Commands that answer the thinking questions by experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganatomy.cli.app import AsJson, app, show
from ganatomy.cli.studies import Studies
from ganatomy.paths import of_user

claims = typer.Typer(
    name="claims", help="The lab's thinking questions as experiments: claims, and what measurement says to them."
)
app.add_typer(claims)

Asked = Annotated[list[str] | None, typer.Argument(metavar="[Q5|NAME]...", help="Questions or claims; unset: all.")]


@claims.callback(invoke_without_command=True)
def catalogue(context: typer.Context, studies: Studies = Path("runs/studies"), as_json: AsJson = False) -> None:
    """List the claims, with the verdicts that are there."""
    if context.invoked_subcommand is None:
        from ganatomy.lab import command

        found = command.catalogue(studies)
        show({"claims": found.tree}, found.lines, as_json)


@claims.command("show")
def show_claim(
    asked: Asked = None,
    chinese: Annotated[bool, typer.Option("--zh", help="In Chinese.")] = False,
    as_json: AsJson = False,
) -> None:
    """A claim in full: its experiment, its rule, what each outcome would mean, what the literature found."""
    from ganatomy.lab import command

    found = command.describe(asked or [], chinese)
    show({"claims": found.tree}, found.lines, as_json)


@claims.command("run")
def run(
    asked: Asked = None,
    level: Annotated[str, typer.Option(help="quick (minutes) or full (MNIST).")] = "quick",
    studies: Studies = Path("runs/studies"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at a time; unset: what the cores allow.")] = None,
    on: Annotated[str, typer.Option(help="here, or ray.")] = "here",
    retry: Annotated[bool, typer.Option("--retry", help="Try failed runs again, from their last checkpoint.")] = False,
    as_json: AsJson = False,
) -> None:
    """Test claims: train what their experiments need, measure, and print the verdict by the rule fixed beforehand."""
    from ganatomy.lab import command

    def say(line: str) -> None:
        typer.echo(line, err=True)

    found = command.run(asked or [], level, studies, jobs, on, retry, say)
    show({"findings": found.tree}, found.lines, as_json)


@claims.command("write")
def write(
    out: Annotated[
        Path,
        typer.Argument(parser=of_user, metavar="PATH", help="The Markdown file; pictures go next to it, into images/."),
    ],
    studies: Studies = Path("runs/studies"),
    as_json: AsJson = False,
) -> None:
    """Write all verdicts that are there as Markdown, English and Chinese."""
    from ganatomy.lab import command

    command.write(out, studies)
    show({"out": str(out)}, [f"verdicts: {out}"], as_json)
