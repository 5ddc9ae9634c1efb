"""Commands that compare: studies, and reports on them and on any runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganatomy.cli.app import AsJson, Overrides, TrustCode, app, show, trust
from ganatomy.paths import of_user

Studies = Annotated[
    Path,
    typer.Option(
        "--studies",
        parser=of_user,
        metavar="PATH",
        help="The folder of the studies and of their runs, which studies share.",
    ),
]


@app.command()
def study(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|FILE]", help="A study's name or TOML file; unset: lists them.")
    ] = None,
    overrides: Overrides = None,
    level: Annotated[str | None, typer.Option(help="One of the study's levels; unset: its first.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds, from 0; unset: the level's.")] = None,
    budget: Annotated[
        list[str] | None, typer.Option(help="'600 updates', '100000 images' or '60 seconds'; may be given again.")
    ] = None,
    studies: Studies = Path("runs/studies"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at a time; unset: what the cores allow.")] = None,
    on: Annotated[
        str, typer.Option(help="here, or ray: a Ray cluster (RAY_ADDRESS), or Ray on this machine.")
    ] = "here",
    retry: Annotated[bool, typer.Option("--retry", help="Try failed runs again, from their last checkpoint.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the runs; train nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train arms x seeds under equal budgets, compare them with intervals, and write a report; continues where it was."""
    from ganatomy.report import outcome
    from ganatomy.studies import command

    if name is None:
        found = command.catalogue()
        show({"studies": found.tree}, found.lines, as_json)
        return
    if dry_run:
        planned = command.dry_run(name, overrides or [], level, seeds, budget or [], studies)
        show({"jobs": planned.tree}, planned.lines, as_json)
        return
    made = outcome.run(
        name,
        overrides or [],
        level,
        seeds,
        budget or [],
        studies,
        jobs,
        on,
        retry,
        lambda line: typer.echo(line, err=True),
    )
    show(made.tree, made.lines, as_json)
    if made.failed:
        raise typer.Exit(1)


@app.command()
def report(
    places: Annotated[
        list[Path],
        typer.Argument(
            parser=of_user,
            metavar="RUN|JSON...|STUDY|SWEEP",
            help="Run folders and files that evaluate wrote; or the folder of a study or a sweep.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            parser=of_user,
            metavar="PATH",
            help="The HTML file; unset: report.html in the study's or the only run's folder.",
        ),
    ] = None,
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page on runs, a study or a sweep: curves, images, scores, settings, commands; works offline."""
    from ganatomy.lab.answers import evidence
    from ganatomy.report import command

    trust([place for place in places if place.is_dir()], trust_code)
    path = command.write(places, out, evidence.index(places[0].parent))
    show({"report": str(path)}, [f"report: {path}", "next: open it in a browser"], as_json)
