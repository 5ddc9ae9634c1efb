"""Commands that answer the thinking questions by experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganatomy.cli.app import AsJson, app, show
from ganatomy.cli.studies import Studies
from ganatomy.words import Language

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
    language: Annotated[Language, typer.Option("--lang", help="en or zh.")] = "en",
    studies: Studies = Path("runs/studies"),
    as_json: AsJson = False,
) -> None:
    """A claim in full: its experiment, its rule, what each outcome means, the verdicts that are there, the literature."""
    from ganatomy.lab import command

    found = command.describe(asked or [], language, studies)
    show({"claims": found.tree}, found.lines, as_json)


@claims.command("run")
def run(
    asked: Asked = None,
    level: Annotated[
        str, typer.Option(help="quick (minutes), medium (MNIST, hours) or full (the lab's 30 epochs).")
    ] = "quick",
    studies: Studies = Path("runs/studies"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at a time; unset: what the cores allow.")] = None,
    on: Annotated[str, typer.Option(help="here, or ray.")] = "here",
    retry: Annotated[bool, typer.Option("--retry", help="Try failed runs again, from their last checkpoint.")] = False,
    as_json: AsJson = False,
) -> None:
    """Test claims with as many seeds as it takes: train, measure, and print the verdict by the rule fixed beforehand."""
    from ganatomy.lab import command

    def say(line: str) -> None:
        typer.echo(line, err=True)

    found = command.run(asked or [], level, studies, jobs, on, retry, say)
    show({"findings": found.tree}, found.lines, as_json)


@app.command("answer")
def answer(
    question: Annotated[
        str | None, typer.Argument(metavar="[Q7]", help="A question; unset: all, in a line each.")
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="en or zh.")] = "en",
    studies: Studies = Path("runs/studies"),
    as_json: AsJson = False,
) -> None:
    """The lab's thinking questions, answered: what to say, what people get wrong, the evidence, how to see it yourself."""
    from ganatomy.lab.answers import terminal

    if question is None:
        tree, lines = terminal.listed(language, studies)
        show({"answers": tree}, lines, as_json)
    else:
        facts, lines = terminal.printed(question, language, studies)
        show(facts, lines, as_json)
