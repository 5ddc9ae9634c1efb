"""Commands that tune: `ganatomy sweep RECIPE`, `sweep join`, `sweep show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ganatomy.cli.app import AsJson, Overrides, app, show
from ganatomy.cli.studies import Studies
from ganatomy.paths import of_user


class _Sweeps(TyperGroup):
    """`ganatomy sweep gan` is `ganatomy sweep run gan`: a first word that is no command is a recipe."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


sweeps = typer.Typer(
    name="sweep",
    cls=_Sweeps,
    help="Search a recipe's settings: `ganatomy sweep gan --trials 20 --budget '60 seconds'`.",
    no_args_is_help=True,
)
app.add_typer(sweeps)

Jobs = Annotated[int | None, typer.Option(min=1, help="Runs at a time; unset: what the cores allow.")]
On = Annotated[str, typer.Option(help="here, or ray.")]
Heartbeat = Annotated[
    float,
    typer.Option(min=1, help="Seconds between a worker's signs of life; after three missed its trials are retried."),
]


@sweeps.command("run")
def run(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe's name or a TOML file.")],
    overrides: Overrides = None,
    space: Annotated[
        str | None, typer.Option(metavar="FILE", help="A TOML file with the ranges; unset: the default space.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="How many settings are tried.")] = 20,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="What is sought: fid, coverage, ...; again for a trade-off, as with seconds."),
    ] = None,
    budget: Annotated[
        str, typer.Option(help="Of each run: '60 seconds', '5000 updates', '100000 images'.")
    ] = "60 seconds",
    sampler: Annotated[str, typer.Option(help="tpe, random or cmaes; the first half is random in any case.")] = "tpe",
    pruner: Annotated[
        str, typer.Option(help="median, hyperband, halving or none: when a trial is stopped because others do better.")
    ] = "median",
    diagnose: Annotated[
        bool,
        typer.Option(
            "--diagnose/--no-diagnose", help="Whether a trial is stopped that has collapsed or learns nothing."
        ),
    ] = True,
    leaders: Annotated[int | None, typer.Option(min=1, help="Best trials to repeat; unset: by the trials.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Fresh seeds of each leader.")] = 3,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of the final comparison with the recipe.")] = 5,
    n: Annotated[int | None, typer.Option("-n", min=1, help="Images to score with; unset: as evaluate does.")] = None,
    features: Annotated[str | None, typer.Option(help="The extractor; unset: the one that fits.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads of each run.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the sampler.")] = 0,
    name: Annotated[str | None, typer.Option(help="The sweep's name, which names its folder.")] = None,
    storage: Annotated[
        str | None, typer.Option(metavar="URL", help="A PostgreSQL that others can join; unset: SQLite in the folder.")
    ] = None,
    heartbeat: Heartbeat = 10,
    studies: Studies = Path("runs/studies"),
    jobs: Jobs = None,
    on: On = "here",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the space and the cost; train nothing to its end.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Try settings, repeat the best with fresh seeds, and hold the winner against the recipe; continues where it was."""
    from ganatomy.report import sweep_outcome
    from ganatomy.studies.sweep.plan import Asked

    asked = Asked(
        recipe=recipe,
        words=overrides or (),
        space=space,
        trials=trials,
        metrics=metric or ("fid",),
        budget=budget,
        sampler=sampler,
        pruner=pruner,
        diagnosed=diagnose,
        leaders=leaders,
        repeats=repeats,
        seeds=seeds,
        n=n,
        features=features,
        threads=threads,
        name=name,
        seed=seed,
    )
    if dry_run:
        planned = sweep_outcome.dry_run(asked, jobs)
        show(planned.tree, planned.lines, as_json)
        return
    from ganatomy.cli.live import live

    with live() as display:
        made = sweep_outcome.run(asked, studies, on, jobs, storage, heartbeat, display.say, display.shown)
    show(made.tree, made.lines, as_json)


@sweeps.command("join")
def join(
    url: Annotated[str, typer.Argument(metavar="URL", help="The database: postgresql://user@host/database.")],
    name: Annotated[str | None, typer.Option(help="The sweep; needed where there are several.")] = None,
    heartbeat: Heartbeat = 10,
    studies: Studies = Path("runs/studies"),
    jobs: Jobs = None,
    on: On = "here",
    as_json: AsJson = False,
) -> None:
    """Take trials of a sweep that another process began with --storage, until all are done."""
    from ganatomy.cli.live import live
    from ganatomy.report import sweep_outcome

    with live() as display:
        made = sweep_outcome.join(url, name, studies, on, jobs, heartbeat, display.shown)
    show(made.tree, made.lines, as_json)


@sweeps.command("show")
def show_sweep(
    place: Annotated[
        Path, typer.Argument(parser=of_user, metavar="FOLDER|JSON", help="A sweep's folder or its results.json.")
    ],
    as_json: AsJson = False,
) -> None:
    """What a sweep has found: the best trials, what matters, the final comparison."""
    from ganatomy.report import sweep_outcome

    made = sweep_outcome.show(place)
    show(made.tree, made.lines, as_json)
