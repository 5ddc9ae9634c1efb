"""Commands that score images, and that make and test what scores them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganatomy import paths
from ganatomy.cli.app import AsJson, TrustCode, app, show, trust
from ganatomy.paths import of_user

Count = Annotated[
    int | None,
    typer.Option("-n", "--count", min=10, help="Generated images, and real ones; unset: 10,000, or what the data has."),
]
Features = Annotated[
    str | None,
    typer.Option(help="graded, plain, principal, inception or identity; unset: what fits the data."),
]


@app.command()
def evaluate(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(parser=of_user, metavar="[RUN]...", help="Run folders; each gets its metrics.json."),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option(
            parser=of_user,
            metavar="PATH",
            help="Instead of a run: X.npz, X.npy or a folder of pictures, of any program.",
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(help="What --samples is held against: mnist; or folder, and --data data.path=pictures."),
    ] = None,
    count: Count = None,
    features: Features = None,
    metrics: Annotated[str | None, typer.Option(help="Some metrics only, separated by commas: fid,coverage.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the noise; unset: the run's own.")] = None,
    best: Annotated[bool, typer.Option("--best", help="The best weights by train.best, not the last.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(parser=of_user, metavar="PATH", help="With --samples: where to write the scores as JSON."),
    ] = None,
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Score generated images: value, 95 % interval, and what as many real images score."""
    from ganatomy.evaluation import Evaluation, command
    from ganatomy.report import scores as report

    def say(evaluation: Evaluation) -> None:
        if not as_json:
            typer.echo("\n".join([*report.lines(evaluation), ""]))

    # As elsewhere on the command line, settings may be plain words: data=digits.
    words = [str(place) for place in runs or [] if str(place).startswith(("data=", "data."))]
    runs, data = [place for place in runs or [] if str(place) not in words], [*(data or []), *words]
    trust(runs, trust_code)
    names = None if metrics is None else [name.strip() for name in metrics.split(",")]
    scored = command.evaluate(runs, samples, data, out, best, count, features, names, seed, say)
    trees = [evaluation.tree for evaluation in scored]
    show(trees[0] if len(trees) == 1 else {"evaluations": trees}, [command.next_step(scored, out)], as_json)


@app.command()
def scores(
    evaluated: Annotated[
        list[Path],
        typer.Argument(parser=of_user, metavar="RUN|JSON...", help="Evaluated runs, or files that evaluate wrote."),
    ],
    as_json: AsJson = False,
) -> None:
    """Scores of several runs and sets of images in one table; an error where they were not measured alike."""
    from ganatomy.report import scores as report

    found = report.read(evaluated)
    lines = report.table(found)
    show({str(path): each.tree for path, each in zip(evaluated, found, strict=True)}, lines, as_json)


features = typer.Typer(
    name="features", help="The feature extractors behind the scores: make one, or test it.", no_args_is_help=True
)
app.add_typer(features)

Source = Annotated[
    list[str], typer.Argument(metavar="SOURCE [data.KEY=VALUE]...", help="mnist; or folder data.path=pictures")
]


@features.command("train")
def features_train(
    source: Source,
    kind: Annotated[
        str, typer.Option(help="graded, or plain: a classifier that never saw a corrupted image, for comparison.")
    ] = "graded",
    out: Annotated[
        Path, typer.Option(parser=of_user, metavar="PATH", help="The folder for the file and its card.")
    ] = Path(),
    as_json: AsJson = False,
) -> None:
    """Train the extractor of a data source on its labels, and write its weights with a card."""
    from ganatomy.config import recipe
    from ganatomy.features import making

    command = paths.command("ganatomy", "features", "train", *source, "--kind", kind)
    card = making.make(recipe.source(source), kind, out, command, lambda line: typer.echo(line, err=True))
    lines = [
        f"extractor: {card['file']}, {card['bytes'] / 1000:.0f} kB, SHA-256 {card['sha256']}",
        f"accuracy on held-out images: {card['held_out_accuracy']:.2%}",
        f"next: {paths.command('ganatomy', 'features', 'ladder', *source)}",
    ]
    show(card, lines, as_json)


@features.command("ladder")
def features_ladder(
    source: Source,
    kinds: Annotated[
        str, typer.Option("--features", help="Extractors to test, separated by commas; they stand side by side.")
    ] = "graded,plain",
    count: Count = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=of_user, metavar="PATH", help="Also write the table as Markdown, to this file."),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(parser=of_user, metavar="PATH", help="Also draw a picture of each metric, into this folder."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score sets whose order is known beforehand: what features must see, and what fools them."""
    from ganatomy import atomic
    from ganatomy.evaluation import ladder

    for file in (out, None if figures is None else figures / "ladder.png"):
        if file is not None:
            atomic.try_place(file)
    result = ladder.climb(
        source, [kind.strip() for kind in kinds.split(",")], count, lambda line: typer.echo(line, err=True)
    )
    lines = result.lines
    if out is not None:
        result.save(out)
        lines += ["", f"table: {out}"]
    if figures is not None:
        from ganatomy.report import ladder as report

        lines += ["", *(f"picture: {path}" for path in report.save(result, figures))]
    show(result.tree, lines, as_json)
