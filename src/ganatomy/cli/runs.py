"""Commands that make runs, and that show what they made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ganatomy import paths
from ganatomy.cli.app import AsJson, Overrides, RunPath, TrustCode, app, show, trust
from ganatomy.paths import of_user
from ganatomy.words import Language


@app.command()
def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A recipe's name (see `ganatomy recipes`) or a TOML file.")
    ],
    overrides: Overrides = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Try the settings (data, networks, place, one update in memory) and print them; write nothing.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a recipe in a new run folder."""
    if dry_run:
        show_settings(recipe, overrides or [], as_json, rehearsed=True)
        return
    from ganatomy import api

    _report(api.train(recipe, *(overrides or [])), as_json)


@app.command()
def resume(run: RunPath, overrides: Overrides = None, trust_code: TrustCode = False, as_json: AsJson = False) -> None:
    """Continue a run where its last checkpoint stands, to the same bits; train.epochs=60 makes it longer."""
    from ganatomy import api

    trust([run], trust_code)
    _report(api.resume(run, *(overrides or [])), as_json)


@app.command()
def diagnose(
    run: RunPath,
    updates: Annotated[int, typer.Option(min=15, help="Updates that are made once more, from the beginning.")] = 60,
    language: Annotated[Language, typer.Option("--lang", help="en or zh.")] = "en",
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Name the mistakes that show in a run's first updates, which are made once more in memory."""
    from ganatomy import api

    trust([run], trust_code)
    found = api.diagnose(run, updates=updates, language=language)
    show({"run": str(run), "findings": [each.as_json() for each in found]}, [repr(found)], as_json)


@app.command()
def sample(
    run: RunPath,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many images.")] = 64,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the noise; unset: the run's own.")] = None,
    label: Annotated[
        str | None,
        typer.Option("--class", help="Of a conditional model, the class of all images: its name or its index."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=of_user,
            metavar="PATH",
            help="X.npz (key `images`), X.png (a grid), or a folder of PNGs; with --interpolate X.png or X.gif.",
        ),
    ] = None,
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="A walk through the latent space, on the sphere.")
    ] = False,
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Draw images from a trained run."""
    from ganatomy import api
    from ganatomy.runs import sampling

    trust([run], trust_code)
    loaded = api.load(run)
    where = out or loaded.path / ("interpolation.png" if interpolate else "samples.npz")
    drawn = (sampling.write_walk if interpolate else sampling.write)(loaded, where, count, seed, label)
    show({"out": str(where), "count": drawn}, [f"samples: {where}"], as_json)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(parser=of_user, metavar="RUN...", help="Run folders, a row each.")],
    out: Annotated[Path, typer.Option(parser=of_user, metavar="PATH", help="The picture.")] = Path("comparison.png"),
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """One picture of several runs: a row each, samples at 0 to 100 % by columns, loss curves next to them."""
    from ganatomy import api
    from ganatomy.report import comparison

    trust(runs, trust_code)
    comparison.save([api.load(run) for run in runs], out)
    show({"out": str(out)}, [f"comparison: {out}"], as_json)


@app.command()
def demo(
    folder: Annotated[
        Path,
        typer.Option(
            "--out",
            parser=of_user,
            metavar="PATH",
            help="The folder of the study, its runs, its report and the picture.",
        ),
    ] = Path("runs/demo"),
    level: Annotated[
        str | None,
        typer.Option(
            help="Of the study `tuned`: quick (built-in digits, minutes), mnist or fashion (15 minutes each)."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Each system with tuned settings and with the lab's, at equal seconds: samples in one picture, and a report."""
    from ganatomy.lab import demo as demonstration

    result = demonstration.run(folder, level, lambda line: typer.echo(line, err=True))
    lines = [*result.lines[:-1], f"comparison: {result.picture}", f"next: open {result.report} in a browser"]
    made = {"comparison": str(result.picture), "report": str(result.report)}
    show({"runs": [str(path) for path in result.runs], **made}, lines, as_json)
    if result.failed:
        raise typer.Exit(1)


def _report(run: Any, as_json: bool) -> None:
    last = run.history[-1] if run.history else {}
    losses = {player: last.get(f"epoch_mean/{player}") for player in ("discriminator", "generator")}
    lines = [
        f"run: {run.path}",
        f"updates: {run.update}",
        *(
            f"loss of the {player}, mean over the last epoch: {loss:.4f}"
            for player, loss in losses.items()
            if loss is not None
        ),
        f"samples: {run.folder.samples}",
        f"next: {paths.command('ganatomy', 'board', run.path.parent)}, or "
        f"{paths.command('ganatomy', 'sample', run.path, '--out', 'grid.png')}",
    ]
    show({"run": str(run.path), "updates": run.update, "loss": losses, "last": last}, lines, as_json)


def show_settings(name: str, overrides: list[str], as_json: bool, rehearsed: bool = False) -> None:
    """A recipe's settings with their help; `rehearsed` tries them, and adds what the data decides, where nothing is to be downloaded."""
    from ganatomy.config import recipe, settings, tree

    config = recipe.load(name, overrides)
    facts = {}
    if rehearsed and not config.data.fetches():
        from ganatomy import api
        from ganatomy.training import launch

        config, resolved = launch.rehearse(config, api.RUNS)
        facts = resolved.tree()
    lines = [*(f"# {line}" for line in recipe.head_comment(name).splitlines()), ""]
    for setting in settings(config):
        value = "unset" if setting.value is None else setting.value
        lines += [f"{setting.name} = {value}"]
        lines += [f"    {part}" for part in (f"[{setting.allowed}]" if setting.allowed else "", setting.help) if part]
    lines += ["", *(f"resolved.{fact} = {value}" for fact, value in facts.items())]
    command = paths.command("ganatomy", "train", name, *overrides)
    show({**tree(config), **({"resolved": facts} if facts else {})}, [*lines, "", f"next: {command}"], as_json)
