"""The command line: Typer commands, nothing else. What is heavy is imported inside each."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="ganatomy",
    help="Train, measure and explain generative adversarial networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Changes to settings: data=digits train.epochs=5 seed=3"),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one JSON object on stdout, for programs.")]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, such as runs/dcgan-digits-s0.")]


@app.command()
def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A recipe's name (see `ganatomy recipes`) or a TOML file.")
    ],
    overrides: Overrides = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and print the settings; train nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a recipe in a new run folder."""
    if dry_run:
        _show_settings(recipe, overrides or [], as_json, with_data=True)
        return
    from ganatomy import api

    _report(api.train(recipe, *(overrides or [])), as_json)


@app.command()
def resume(run: RunPath, overrides: Overrides = None, as_json: AsJson = False) -> None:
    """Continue a run where its last checkpoint stands, to the same bits; train.epochs=60 makes it longer."""
    from ganatomy import api

    _report(api.resume(run, *(overrides or [])), as_json)


@app.command()
def sample(
    run: RunPath,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many images.")] = 64,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the noise; unset: the run's own.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="X.npz (key `images`), X.png (a grid), or a folder of PNGs; with --interpolate X.png or X.gif."
        ),
    ] = None,
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="A walk through the latent space, on the sphere.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw images from a trained run."""
    from ganatomy import api, sampling

    loaded = api.load(run)
    where = out or loaded.path / ("interpolation.png" if interpolate else "samples.npz")
    drawn = (sampling.write_walk if interpolate else sampling.write)(loaded, where, count, seed)
    _result({"out": str(where), "count": drawn}, [f"samples: {where}"], as_json)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders, a row each.")],
    out: Annotated[Path, typer.Option(help="The picture.")] = Path("comparison.png"),
    as_json: AsJson = False,
) -> None:
    """One picture of several runs: a row each, samples at 0 to 100 % by columns, loss curves beside them."""
    from ganatomy import api
    from ganatomy.report import comparison

    comparison.save([api.load(run) for run in runs], out)
    _result({"out": str(out)}, [f"comparison: {out}"], as_json)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="The folder of the three runs and the picture.")] = Path(
        "runs/demo"
    ),
    as_json: AsJson = False,
) -> None:
    """Train gan, dcgan and wgan on the built-in digits in a few minutes, and compare them in one picture."""
    from ganatomy import demo as demonstration

    result = demonstration.run(folder)
    lines = [*(f"run: {path}" for path in result.runs), f"comparison: {result.picture}"]
    lines.append(f"next: ganatomy board {folder}")
    _result({"runs": [str(path) for path in result.runs], "comparison": str(result.picture)}, lines, as_json)


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
        _show_settings(name, overrides or [], as_json)
        return
    from ganatomy import recipe

    found = {each: recipe.head_comment(each) for each in recipe.names()}
    width = max(map(len, found))
    lines = [f"{each:{width}}  {_first_sentence(comment)}" for each, comment in found.items()]
    _result(found, [*lines, "", "next: ganatomy recipes dcgan, or ganatomy train dcgan data=digits"], as_json)


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
    _result(table, [*lines, "", "next: ganatomy train dcgan data=digits"], as_json)


@app.command()
def board(
    runs: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The folder of runs, or one run.")] = Path("runs"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on this machine.")] = 6006,
) -> None:
    """Open TensorBoard on the runs; Ctrl-C ends it."""
    import subprocess

    from ganatomy.errors import GanatomyError

    if not runs.is_dir():
        raise GanatomyError(
            f"{runs} is no folder; train first (ganatomy train dcgan data=digits), or name the runs' folder"
        )
    typer.echo(f"TensorBoard on {runs}: http://localhost:{port}", err=True)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(runs), "--port", str(port)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).split(". ")[0].rstrip(".")


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
        f"next: ganatomy board {run.path.parent}, or ganatomy sample {run.path} --out grid.png",
    ]
    _result({"run": str(run.path), "updates": run.update, "loss": losses, "last": last}, lines, as_json)


def _show_settings(name: str, overrides: list[str], as_json: bool, with_data: bool = False) -> None:
    """A recipe's settings with their help; `with_data` adds what the data decides, where that needs no download."""
    from ganatomy import recipe
    from ganatomy.config import settings, tree
    from ganatomy.resolve import resolve

    config = recipe.load(name, overrides)
    facts = {}
    if with_data and (config.data.present() or not config.data.downloads):
        config, resolved = resolve(config, config.data.load())
        facts = resolved.tree()
    lines = [*(f"# {line}" for line in recipe.head_comment(name).splitlines()), ""]
    for setting in settings(config):
        value = "unset" if setting.value is None else setting.value
        lines += [f"{setting.name} = {value}"]
        lines += [f"    {part}" for part in (f"[{setting.allowed}]" if setting.allowed else "", setting.help) if part]
    lines += ["", *(f"resolved.{fact} = {value}" for fact, value in facts.items())]
    command = " ".join(["ganatomy train", name, *overrides])
    _result({**tree(config), **({"resolved": facts} if facts else {})}, [*lines, "", f"next: {command}"], as_json)


def _result(as_object: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """The result on stdout: a JSON object for programs, lines for people."""
    typer.echo(json.dumps(as_object) if as_json else "\n".join(lines))


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
