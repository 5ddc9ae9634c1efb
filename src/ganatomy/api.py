"""The Python API: train, resume, load, evaluate, build, study. `ganatomy/__init__.py` hands these out, loaded late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ganatomy import continuation, distributed, recipe
from ganatomy.callbacks import Callback
from ganatomy.callbacks.evaluation import Evaluation
from ganatomy.callbacks.progress import progress
from ganatomy.callbacks.samples import Samples
from ganatomy.callbacks.tensorboard import TensorBoard
from ganatomy.config import Config, flat, tree
from ganatomy.data import Dataset
from ganatomy.devices import pick_device
from ganatomy.distributed import Group
from ganatomy.environment import describe
from ganatomy.errors import UsageError
from ganatomy.evaluation import Evaluation as Scores
from ganatomy.evaluation import evaluate_images as score_images
from ganatomy.evaluation import evaluate_run
from ganatomy.interruption import StopRequest
from ganatomy.loaded import Run
from ganatomy.models import Discriminator, Generator
from ganatomy.players import build_networks
from ganatomy.resolve import Resolved, resolve
from ganatomy.run import RunFolder
from ganatomy.trainer import Trainer

if TYPE_CHECKING:
    from ganatomy.studies.results import Results

__all__ = ["Run", "build", "evaluate", "evaluate_images", "load", "resume", "study", "train"]

RUNS = Path("runs")
"""Where runs are made unless `out` names their folder."""

STUDIES = RUNS / "studies"
"""Where studies are made, and the runs that they share."""


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
        callbacks: watchers beside the usual ones (progress, samples, TensorBoard).
        settings: settings by keyword: data="digits", seed=3, train={"epochs": 5}.

    Raises:
        UsageError: settings that are wrong, all of them in one message.
        Interrupted: SIGINT or SIGTERM; the checkpoint is written, `resume` continues.
        GanatomyError: data missing or damaged, a folder not writable, a loss that is not finite.
    """
    with distributed.joined() as group:
        begun = group.begun_run()
        if begun is not None and RunFolder(begun).config.is_file():
            return _continue(RunFolder.open(begun), {}, callbacks, group)
        config = recipe.load(recipe_name, _together(overrides, settings))
        config, resolved, dataset = _prepare(config, group)
        stop = StopRequest()
        # From here on a signal ends in a checkpoint, not in a folder that is neither empty nor a run.
        with stop.listening():
            run = group.leaders(lambda: RunFolder.create(config, Path(runs)))
            with _owning(run, group):
                try:
                    if group.leads:
                        run.write_config(tree(config), resolved.tree())
                    group.begin_run(run.path)
                    trainer = Trainer(config, resolved, dataset, run, _watching(dataset, callbacks, group), stop, group)
                    if group.leads:
                        run.add_environment(describe(trainer.device.type, config.train.precision, 0, group.size))
                    trainer.fit()
                except BaseException:
                    if group.leads and not run.checkpoint_updates():
                        run.discard()
                    raise
    return Run(run.path)


def resume(path: Path | str, *overrides: str, callbacks: Sequence[Callback] = (), **settings: Any) -> Run:
    """Continue a run in its own folder, to the same bits as if it had never stopped.

    Args:
        path: the run's folder.
        overrides, settings: a new length (train.epochs, train.updates or train.seconds), or the place that the same
            data has now (data.dir, data.path); nothing else may change.
        callbacks: watchers beside the usual ones.

    Raises:
        Interrupted: SIGINT or SIGTERM; the checkpoint is written.
        GanatomyError: no run, a newer format, changed settings or data (with the diff), no readable checkpoint, or the
            run is in use by another process.
    """
    with distributed.joined() as group:
        return _continue(RunFolder.open(Path(path)), _together(overrides, settings), callbacks, group)


def _continue(run: RunFolder, overrides: Mapping[str, Any], callbacks: Sequence[Callback], group: Group) -> Run:
    stop = StopRequest()
    with stop.listening(), _owning(run, group):
        # Read by one process for all, which so have the same weights.
        plan = group.leaders(lambda: continuation.plan(run, overrides))
        config, resolved, dataset = _prepare(plan.config, group)
        plan.check_data(resolved)
        if not plan.is_finished(resolved):
            trainer = Trainer(config, resolved, dataset, run, _watching(dataset, callbacks, group), stop, group)
            environment = describe(trainer.device.type, config.train.precision, plan.update, group.size)
            if plan.saved is not None:
                trainer.restore(plan.saved, plan.length_changed)
            if group.leads:
                continuation.warn_of_another_machine(run.environments(), environment)
                plan.rewind(run, resolved)
                run.write_config(tree(config), resolved.tree())
                run.add_environment(environment)
            trainer.fit()
    return Run(run.path)


def _prepare(config: Config, group: Group) -> tuple[Config, Resolved, Dataset]:
    """What a trainer needs, the same in all processes of the group."""
    group.open(pick_device(config.train.device), config.train.timeout)
    dataset = group.first_on_each_machine(config.data.load)
    config, resolved = resolve(config, dataset, group.size)
    group.check_same("the settings and the data", repr((config, resolved)))
    return config, resolved, dataset


@contextmanager
def _owning(run: RunFolder, group: Group) -> Iterator[None]:
    """Hold the run for this group: by the lock of the process that writes."""
    if group.leads:
        with run.lock():
            yield
    else:
        yield


def _watching(dataset: Dataset, callbacks: Sequence[Callback], group: Group) -> Sequence[Callback]:
    return [*_callbacks(dataset), *callbacks] if group.leads else []


def load(path: Path | str, weights: str = "last") -> Run:
    """An existing run, trained to its end or not.

    `weights` picks the generator: the `last` checkpoint's, the `best` by `train.best` among those evaluated, or that of a
    milestone ("50%").

    Raises:
        GanatomyError: there is no run at that path.
    """
    return Run(RunFolder.open(Path(path)).path, weights)


def evaluate(
    run: Run | Path | str,
    n: int | None = None,
    features: str | None = None,
    metrics: Sequence[str] | None = None,
    seed: int | None = None,
) -> Scores:
    """Score a run's generator and write metrics.json into its folder: value, 95 % interval and floor of each metric.

    Args:
        run: a run, or its folder. `load(path, weights="best")` gives the one that scored best.
        n: images to generate, and real ones to hold them against; unset, 10,000, or as many as the data allows.
        features: an extractor's name; unset, the one that fits the data.
        metrics: names such as "fid" and "coverage"; unset, all that fit.
        seed: of the noise; unset, the run's own.

    Raises:
        UsageError: an unknown metric or extractor, or too few images.
        GanatomyError: the data is missing or not what the run was trained on; damaged weights.
    """
    return evaluate_run(run if isinstance(run, Run) else load(run), n, features, metrics, seed)


def evaluate_images(
    images: np.ndarray | Path | str,
    data: str,
    *options: str,
    n: int | None = None,
    features: str | None = None,
    metrics: Sequence[str] | None = None,
) -> Scores:
    """Score images of any program against a data source.

    Args:
        images: an array (N x H x W x C and other common layouts), or the path of an .npz, an .npy or a folder.
        data: the source's name: "mnist".
        options: its settings as on the command line: "data.path=pictures".
        n, features, metrics: as in `evaluate`; `n` unset: all images.

    Raises:
        UsageError: images that do not fit the data, or as in `evaluate`.
        GanatomyError: a file is missing or damaged.
    """
    found = Path(images) if isinstance(images, str) else images
    return score_images(found, recipe.source([data, *options]), n, features, metrics)


def build(
    recipe_name: str, *overrides: str, shape: tuple[int, int, int] = (28, 28, 1), **settings: Any
) -> tuple[Generator, Discriminator]:
    """A recipe's fresh networks, (generator, discriminator), as a run with that seed starts with them.

    G takes noise N x latent and gives images N x C x H x W in `G.value_range`; D takes such images and gives raw scores,
    N x 1 (N x H*W*C for `gan-as-reported`). `shape` is height, width, channels.
    """
    config = recipe.load(recipe_name, _together(overrides, settings))
    refusal = config.model.refusal(shape)
    if refusal:
        raise UsageError(refusal)
    return build_networks(config, shape)


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


def _callbacks(dataset: Dataset) -> Sequence[Callback]:
    limit = None if dataset.bounded else float(np.abs(dataset.images).max()) * 1.25
    return [progress(), Samples(limit), TensorBoard(limit), Evaluation(dataset)]


def study(
    name: str,
    *overrides: str,
    level: str | None = None,
    seeds: Sequence[int] | None = None,
    budgets: Sequence[str] = (),
    studies: Path | str = STUDIES,
    on: Literal["here", "ray"] = "here",
    parallel: int | None = None,
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
    from ganatomy.studies import file
    from ganatomy.studies.conduct import conduct

    plan = file.load(name, level, overrides, seeds, budgets)
    folder = conduct(plan, Path(studies), on, parallel, retry)
    command.write([folder.path], None)
    return folder.read()
