"""The Python API: train, resume, load, evaluate, build, study. `ganatomy/__init__.py` hands these out, loaded late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from torch import nn

from ganatomy import diagnosis, paths
from ganatomy.callbacks.standard import standard
from ganatomy.config import flat, recipe
from ganatomy.config.validation import LEAVES
from ganatomy.data import Dataset, Source, passed
from ganatomy.errors import UsageError, nearest
from ganatomy.evaluation import Evaluation, evaluate_run
from ganatomy.evaluation import evaluate_images as score_images
from ganatomy.images import Layout
from ganatomy.models import Model
from ganatomy.objectives import Batch, Critic, Objective
from ganatomy.plugin.arguments import Count, Seed, checked
from ganatomy.runs import code
from ganatomy.runs.events import Callback
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.networks import build_networks
from ganatomy.runs.recorded import is_recorded
from ganatomy.runs.run import Run
from ganatomy.training import launch
from ganatomy.watching import Findings
from ganatomy.watching.beginning import watch
from ganatomy.words import Language

if TYPE_CHECKING:
    from ganatomy.studies.results import Results

__all__ = [
    "Batch",
    "Critic",
    "Dataset",
    "Model",
    "Objective",
    "Run",
    "Source",
    "build",
    "diagnose",
    "evaluate",
    "evaluate_images",
    "load",
    "resume",
    "study",
    "train",
    "watch",
]

RUNS = Path("runs")
"""Where runs are made unless `out` names their folder."""

STUDIES = RUNS / "studies"
"""Where studies are made, and the runs that they share."""


@checked
def train(
    recipe_name: str, *overrides: str, runs: Path | str = RUNS, callbacks: Sequence[Callback] = (), **settings: Any
) -> Run:
    """Train a recipe in a new run folder, to its end.

    Under torchrun every process calls this and gets the run; they train it together, and one of them alone writes and has
    callbacks. In processes that torchrun restarted it continues the run that they had begun.

    Args:
        recipe_name: a shipped recipe ("gan", "dcgan", "wgan", ...) or the path of a TOML file.
        overrides: settings as on the command line: "train.epochs=5".
        runs: the folder that the run's own is made in, unless `out` names that.
        callbacks: watchers as well as the usual ones (progress, samples, TensorBoard).
        settings: settings by keyword: data="digits", seed=3, train={"epochs": 5}. `objective`, `model` and `data` also take
            your own: a class or an instance; for `model` two classes (Generator, Discriminator); for `data` an array, a
            torch tensor, or a pair (images, labels).

    Raises:
        UsageError: settings that are wrong, all of them in one message.
        Interrupted: SIGINT or SIGTERM; the checkpoint is written, `resume` continues.
        GanatomyError: data missing or damaged, a folder not writable, a loss that is not finite.
    """
    return launch.train(
        lambda: recipe.load(recipe_name, _together(overrides, settings)),
        paths.of_user(runs),
        lambda dataset: [*standard(dataset), *callbacks],
    )


@checked
def resume(
    path: Path | str,
    *overrides: str,
    callbacks: Sequence[Callback] = (),
    trust_code: bool = False,
    **settings: Any,
) -> Run:
    """Continue a run in its own folder, to the same bits as if it had never stopped.

    Args:
        path: the run's folder.
        overrides, settings: a new length (train.epochs, train.updates or train.seconds), or the place that the same
            data or code has now (data.dir, data.path, data=array, objective="moved.py", model=MyModel); nothing else may
            change.
        callbacks: watchers as well as the usual ones.
        trust_code: execute the copies of code in the run's folder where the originals are not found.

    Raises:
        Interrupted: SIGINT or SIGTERM; the checkpoint is written.
        GanatomyError: no run, a newer format, changed settings or data (with the diff), no readable checkpoint, or the
            run is in use by another process.
    """
    _trust(path, trust_code)
    return launch.resume(
        paths.of_user(path), _together(overrides, settings), lambda dataset: [*standard(dataset), *callbacks]
    )


@checked
def load(path: Path | str, weights: str = "last", trust_code: bool = False, **leaves: Any) -> Run:
    """An existing run, trained to its end or not.

    Args:
        path: the run's folder.
        weights: whose generator: the `last` checkpoint's, the `best` by `train.best` among those evaluated, or that of a
            milestone ("50%").
        trust_code: execute the copies of code in the run's folder where the originals are not found.
        leaves: the run's objective, model or data from outside the package, where they are not found as they were named:
            objective=WGANGP, model="moved.py", data=array. Of a recorded run, model=G is a network like the loop's generator,
            which is needed only where its operations could not be listed.

    Raises:
        GanatomyError: there is no run at that path; or, once its settings are read, code has changed or is missing.
    """
    _trust(path, trust_code)
    unknown = sorted(leaves.keys() - LEAVES.keys())
    if unknown:
        raise UsageError(f"load: unknown argument {unknown[0]!r}; {nearest(unknown[0], LEAVES)}")
    folder = RunFolder.open(paths.of_user(path))
    own = leaves.pop("model", None) if is_recorded(folder.read_config()[0]) else None
    if own is not None and not isinstance(own, nn.Module):
        raise UsageError(
            f"load: model={own!r}: {folder.path} was recorded from a loop of your own; pass its generator, an nn.Module"
        )
    given = {section: table["name"] for section, table in recipe.nested(leaves).items()}
    return Run(folder.path, weights, given, own)


def _trust(path: Path | str, trust_code: bool) -> None:
    if trust_code:
        code.trust(paths.of_user(path))


@checked
def evaluate(
    run: Run | Path | str,
    n: Count | None = None,
    features: str | None = None,
    metrics: Sequence[str] | None = None,
    seed: Seed | None = None,
    trust_code: bool = False,
    **leaves: Any,
) -> Evaluation:
    """Score a run's generator and write metrics.json into its folder: value, 95 % interval and floor of each metric.

    Args:
        run: a run, or its folder. `load(path, weights="best")` returns the one that scored best.
        n: images to generate, and real ones to hold them against; unset, 10,000, or as many as the data allows.
        features: an extractor's name; unset, the one that fits the data.
        metrics: names such as "fid" and "coverage"; unset, all that fit.
        seed: of the noise; unset, the run's own.
        trust_code, leaves: as in `load`, for a run that is given by its folder.

    Raises:
        UsageError: an unknown metric or extractor, or too few images.
        GanatomyError: the data is missing or not what the run was trained on; damaged weights.
    """
    if not isinstance(run, Run) or leaves:
        run = load(run.path if isinstance(run, Run) else run, trust_code=trust_code, **leaves)
    return evaluate_run(run, n, features, metrics, seed)


@checked
def evaluate_images(
    images: Any,
    data: Any,
    *options: str,
    n: Count | None = None,
    features: str | None = None,
    metrics: Sequence[str] | None = None,
    layout: Layout | None = None,
) -> Evaluation:
    """Score images of any program against a data source.

    Args:
        images: an array, a torch tensor (N x H x W x C, N x C x H x W or N x H x W; uint8, or floats in [0, 1] or
            [-1, 1]), a list of arrays or PIL pictures, or the path of an .npz, an .npy or a folder of pictures.
        data: the source's name: "mnist"; or real images in memory, or a pair (images, labels).
        options: its settings as on the command line: "data.path=pictures".
        n, features, metrics: as in `evaluate`; `n` unset: all images.
        layout: "NHWC" or "NCHW", where the shape does not say which axis the channels are.

    Raises:
        UsageError: images that do not fit the data, or as in `evaluate`.
        GanatomyError: a file is missing or damaged.
    """
    source = recipe.source([data, *options]) if isinstance(data, str) else passed(data)
    return score_images(images, source, n, features, metrics, layout)


@checked
def build(
    recipe_name: str,
    *overrides: str,
    shape: tuple[int, int, int] = (28, 28, 1),
    classes: int = 0,
    **settings: Any,
) -> tuple[nn.Module, nn.Module]:
    """A recipe's fresh networks, (generator, discriminator), as a run with that seed starts with them.

    G takes noise N x latent and returns images N x C x H x W in `G.value_range`; D takes such images and returns raw scores,
    N x 1 (N x H*W*C for `gan-as-reported`). `shape` is height, width, channels; `classes` the number of classes that the
    data has, for a conditional model: its networks take labels (N, int64) as a second argument.

    Raises:
        UsageError: settings that are wrong, a shape that the model cannot make, or no classes for a conditional one.
    """
    config = recipe.load(recipe_name, _together(overrides, settings))
    unsupported = config.model.unsupported(shape)
    if unsupported:
        raise UsageError(unsupported)
    if config.model.conditional and classes < 1:
        raise UsageError(
            f"{recipe_name}: its model is conditional, and classes is {classes}; give the number of classes of the data, as in "
            f"ganatomy.build({recipe_name!r}, classes=10)"
        )
    return build_networks(config, shape, classes)


def _together(overrides: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Words and keywords as one mapping of dotted names.

    Raises:
        UsageError: a setting is given both ways.
    """
    words, keywords = recipe.words(overrides), flat(recipe.nested(settings))
    twice = sorted(words.keys() & keywords.keys())
    if twice:
        raise UsageError(f"given twice, as a word and as a keyword: {', '.join(twice)}")
    return {**words, **keywords}


@checked
def study(
    name: str,
    *overrides: str,
    level: str | None = None,
    seeds: Sequence[Seed] | None = None,
    budgets: Sequence[str] = (),
    studies: Path | str = STUDIES,
    on: Literal["here", "ray"] = "here",
    parallel: Count | None = None,
    retry: bool = False,
) -> Results:
    """Train and score what a study needs and is not there yet, and write its report; every trial, with its state.

    Args:
        name: a study of the package ("course"), or the path of a TOML file.
        overrides: settings of all arms as on the command line: "train.batch=32".
        level: one of the study's; unset, its first.
        seeds, budgets: instead of the level's: [0, 1], ["600 updates", "60 seconds"].
        studies: the folder of the studies and of their runs, which they share.
        on: processes of this machine, or a Ray cluster.
        parallel: runs at a time on this machine; unset, as many as have their threads' cores.
        retry: whether failed runs are tried again.

    Raises:
        UsageError: an unknown study, level or setting; all that is wrong in one message.
        Interrupted: SIGINT or SIGTERM; the runs have their checkpoints, and the same call goes on.
        GanatomyError: data missing, or a cluster's node that does not see `studies`.
    """
    from ganatomy.report import command
    from ganatomy.studies import conduct as studying
    from ganatomy.studies import file

    plan = file.load(name, level, overrides, seeds, budgets)
    folder = studying.conduct(plan, paths.of_user(studies), on, parallel, retry)
    command.write([folder.path], None)
    return folder.read()


@checked
def diagnose(
    run: Run | Path | str,
    *,
    updates: Count = 60,
    language: Language = "en",
    trust_code: bool = False,
    **leaves: Any,
) -> Findings:
    """The mistakes that show when a run's first updates are made once more: in memory, in float32, and watched.

    Of a recorded run, what its watch found. They are kept in the run's folder, for its report.

    Args:
        run: a run, or its folder.
        updates: how many; at least 15, for a rule needs several looks.
        language: "en" or "zh", of how the findings are printed.
        trust_code, leaves: as in `load`, for a run that is given by its folder.

    Raises:
        GanatomyError: the data is missing or damaged, or code is missing or has changed.
    """
    if not isinstance(run, Run) or leaves:
        run = load(run.path if isinstance(run, Run) else run, trust_code=trust_code, **leaves)
    return diagnosis.of_run(run, max(15, updates), language)
