"""Commands that list what there is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ganatomy.cli.app import AsJson, Overrides, app, show
from ganatomy.cli.runs import show_settings
from ganatomy.paths import of_user


@app.command()
def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="[RECIPE]", help="Show this recipe's settings, each with its help.")
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """List the recipes, or print one's settings."""
    if name is not None:
        show_settings(name, overrides or [], as_json)
        return
    from ganatomy.config import recipe

    found = {each: recipe.head_comment(each) for each in recipe.names()}
    width = max(map(len, found))
    lines = [f"{each:{width}}  {_first_sentence(comment)}" for each, comment in found.items()]
    show(found, [*lines, "", "next: ganatomy recipes dcgan, or ganatomy train dcgan data=digits"], as_json)


@app.command()
def data(as_json: AsJson = False) -> None:
    """List the data sources: where each one is or would be, its size, licence and reference."""
    from ganatomy.data import sources

    table = {}
    for name in sources.names():
        source = sources.get(name)()
        table[name] = {
            "what": source.title,
            "size": source.extent,
            "where": source.location(),
            "present": source.present(),
            "licence": source.licence,
            "reference": source.reference,
        }
    lines = []
    for name, facts in table.items():
        state = "ready" if facts["present"] else "not here yet"
        lines += [f"{name} ({state}): {facts['what']}"]
        lines += [f"    {key:9} {facts[key]}" for key in ("size", "where", "licence", "reference")]
    show(table, [*lines, "", "next: ganatomy train dcgan data=digits"], as_json)


@app.command()
def board(
    runs: Annotated[
        Path, typer.Argument(parser=of_user, metavar="[FOLDER]", help="The folder of runs, or one run.")
    ] = Path("runs"),
    host: Annotated[
        str, typer.Option(help="Who may look: localhost, this machine; 0.0.0.0, all that reach it; or one address.")
    ] = "localhost",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 6006,
) -> None:
    """Open TensorBoard on the runs; Ctrl-C ends it."""
    import os
    import subprocess

    from ganatomy.errors import GanatomyError

    if not runs.is_dir():
        raise GanatomyError(
            f"{runs} is no folder; train first (ganatomy train dcgan data=digits), or name the runs' folder"
        )
    typer.echo(f"TensorBoard on {runs}: http://{host}:{port}", err=True)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(runs), "--host", host, "--port", str(port)]
    if os.name == "posix":
        # In the place of this process: signals reach it, and it does not outlive this one.
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, command)
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).split(". ")[0].rstrip(".")
