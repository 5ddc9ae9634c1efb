"""From settings to a trained run: claims the folder, joins the processes, loads the data, and trains or resumes."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ganatomy import distributed
from ganatomy.config import Config, flat, recipe, threads, tree
from ganatomy.config.devices import pick_device
from ganatomy.config.resolve import Resolved, resolve
from ganatomy.data import Dataset
from ganatomy.distributed import Group
from ganatomy.distributed.signals import StopRequest
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs.code import codes
from ganatomy.runs.environment import describe
from ganatomy.runs.events import Callback
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.lock import InUse
from ganatomy.runs.run import Run
from ganatomy.surroundings import standard
from ganatomy.training import resume as resuming
from ganatomy.training.start import take_weights
from ganatomy.training.trainer import Trainer

log = logging.getLogger("ganatomy")

Watching = Callable[[Dataset], Sequence[Callback]]
"""Makes the callbacks of a run on a data set; called in the leading process alone."""


@standard()
def train(load: Callable[[], Config], runs: Path, watching: Watching) -> Run:
    """Train in a new run folder below `runs` (or in `out`), to the end.

    Under torchrun every process calls this; one of them alone writes and has callbacks. In processes that torchrun restarted
    it resumes the run that they had begun.

    Raises:
        UsageError: settings that are wrong, all of them in one message.
        Interrupted: SIGINT or SIGTERM; the checkpoint is written.
        GanatomyError: data missing or damaged, a folder not writable, a loss that is not finite.
    """
    with distributed.joined() as group:
        begun = group.begun_run()
        if begun is not None and RunFolder(begun).config.is_file():
            return _resume(RunFolder.open(begun), {}, watching, group)
        config, resolved, dataset = _prepare(load(), group)
        stop = StopRequest()
        # From here on a signal ends in a checkpoint, not in a folder that is neither empty nor a run.
        with stop.listening():
            run = group.leaders(lambda: RunFolder.create(config, runs))
            with ExitStack() as stack:
                try:
                    stack.enter_context(_owning(run, group))
                except GanatomyError as error:
                    if group.leads and not isinstance(error, InUse):
                        run.discard()
                    raise
                stack.enter_context(threads.using(_threads_of(config)))
                try:
                    if group.leads:
                        run.write_config(tree(config), resolved.tree(), codes(config))
                    group.begin_run(run.path)
                    trainer = Trainer(config, resolved, dataset, run, _callbacks(watching, dataset, group), stop, group)
                    take_weights(trainer.players, config.from_run)
                    if group.leads:
                        run.add_environment(describe(trainer.device.type, config.train.precision, 0, group.size))
                    trainer.fit()
                except BaseException as error:
                    # A loss that cannot be computed shows in the first update.
                    is_usage = isinstance(error, UsageError) and run.checkpoint_updates() == [0]
                    if group.leads and (is_usage or not run.checkpoint_updates()):
                        run.discard()
                    raise
    return Run(run.path)


@standard()
def rehearse(config: Config, runs: Path) -> tuple[Config, Resolved]:
    """Find what `train` would find before its second update, and write nothing.

    Returns:
        The settings and the facts that the data decides.

    Raises:
        UsageError, GanatomyError: as `train`.
    """
    dataset = config.data.load()
    config, resolved = resolve(config, dataset)
    place = RunFolder.free_place(config, runs)
    trainer = Trainer(config, resolved, dataset, RunFolder(place))
    take_weights(trainer.players, config.from_run)
    trainer.try_update()
    return config, resolved


@standard()
def speed(config: Config, updates: int) -> float:
    """Seconds an update, of so many in memory; nothing is written.

    Raises:
        UsageError, GanatomyError: as `train`.
    """
    dataset = config.data.load()
    config, resolved = resolve(config, dataset)
    trainer = Trainer(config, resolved, dataset, RunFolder(Path()))
    trainer.try_update()  # the first one prepares kernels
    began = time.perf_counter()
    for _ in range(updates):
        trainer.try_update()
    return (time.perf_counter() - began) / updates


@standard()
def resume(path: Path, overrides: Mapping[str, Any], watching: Watching) -> Run:
    """Resume a run in its own folder, to the same bits as if it had never stopped.

    Raises:
        Interrupted: SIGINT or SIGTERM; the checkpoint is written.
        GanatomyError: no run, a newer format, changed settings or data (with the diff), no readable checkpoint, or the
            run is in use by another process.
    """
    with distributed.joined() as group:
        return _resume(RunFolder.open(path), overrides, watching, group)


def _resume(run: RunFolder, overrides: Mapping[str, Any], watching: Watching, group: Group) -> Run:
    stop = StopRequest()
    with stop.listening(), _owning(run, group), ExitStack() as stack:
        # Read by one process for all, which so have the same weights.
        plan = group.leaders(lambda: resuming.plan(run, overrides))
        config, resolved, dataset = _prepare(plan.config, group)
        count = _threads_of(config)
        given = "train.threads" in flat(recipe.nested(overrides))
        stack.enter_context(threads.using(count if given else threads.as_begun(count)))
        plan.check_data(resolved)
        if not plan.is_finished(resolved):
            trainer = Trainer(config, resolved, dataset, run, _callbacks(watching, dataset, group), stop, group)
            environment = describe(trainer.device.type, config.train.precision, plan.update, group.size)
            if plan.saved is None:
                take_weights(trainer.players, config.from_run)
            else:
                trainer.restore(plan.saved, plan.length_changed)
            if group.leads:
                resuming.warn_of_another_machine(run.environments(), environment)
                plan.rewind(run, resolved)
                run.write_config(tree(config), resolved.tree(), codes(config))
                run.add_environment(environment)
            trainer.fit()
    return Run(run.path)


def _prepare(config: Config, group: Group) -> tuple[Config, Resolved, Dataset]:
    """What a trainer needs, the same in all processes of the group."""
    group.open(pick_device(config.train.device), config.train.timeout)
    dataset = group.first_on_each_machine(config.data.load)
    config, resolved = resolve(config, dataset, group.size)
    count, reason = group.leaders(lambda: threads.choose(config.train.threads))
    if reason and group.leads:
        log.info("computing with %d thread%s: %s", count, "" if count == 1 else "s", reason)
    config = dataclasses.replace(config, train=dataclasses.replace(config.train, threads=count))
    group.check_same("the settings and the data", repr((config, resolved)))
    return config, resolved, dataset


def _threads_of(config: Config) -> int:
    """The threads of a run that `_prepare` has decided."""
    assert config.train.threads != "auto"
    return config.train.threads


@contextmanager
def _owning(run: RunFolder, group: Group) -> Iterator[None]:
    """Hold the run for this group: by the lock of the process that writes."""
    if group.leads:
        with run.lock():
            yield
    else:
        yield


def _callbacks(watching: Watching, dataset: Dataset, group: Group) -> Sequence[Callback]:
    return watching(dataset) if group.leads else []
