"""The training loop: one update of the generator, the critic steps before it, and what is kept on the way."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import torch
from torch import Tensor

from ganatomy import images, randomness
from ganatomy.callbacks import Callback, Due, End, Milestone, Scores, Start, Step
from ganatomy.config import Config, devices, tree
from ganatomy.config.resolve import Resolved
from ganatomy.data import Dataset
from ganatomy.distributed import Group, PeersLost
from ganatomy.distributed.exchange import Exchange
from ganatomy.distributed.shards import Part
from ganatomy.errors import GanatomyError, Interrupted
from ganatomy.runs import checkpoint
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.milestones import Milestones, kept_of
from ganatomy.training import batches, disk
from ganatomy.training.log import EpochMeans, Outcome, ScoredCritic, step_values
from ganatomy.training.players import NotFinite, Players
from ganatomy.training.schedule import Schedule
from ganatomy.training.signals import StopRequest
from ganatomy.training.watchers import Watchers

SAMPLES = 64
"""Images in the grid of a milestone."""

KEPT_CHECKPOINTS = 2


class Trainer:
    """Trains one run in its folder, from its beginning or from its last checkpoint to its end.

    `stop` is looked at between two updates; whoever made it listens to the signals. Each process of a `group` has a
    trainer; the leading one alone writes to the run's folder and tells the callbacks.
    """

    def __init__(
        self,
        config: Config,
        resolved: Resolved,
        dataset: Dataset,
        run: RunFolder,
        callbacks: Sequence[Callback] = (),
        stop: StopRequest | None = None,
        group: Group | None = None,
    ) -> None:
        self.config = config
        self.resolved = resolved
        self.run = run
        self.timeline = resolved.timeline
        self.schedule = Schedule(config.train, resolved.timeline)
        self.group = Group() if group is None else group
        self.device = self.group.device(devices.pick_device(config.train.device))
        if self.device.type == "cuda":
            devices.prepare_gpu()
        # A request without a signal is false.
        self.exchange = Exchange(self.group, StopRequest() if stop is None else stop)
        self.players = Players(config, resolved, self.device, self.exchange)
        self.batches = batches.of(dataset, self.timeline, config.seed, config.real_range, self.device)
        self.milestones = Milestones(config.train, self.timeline)
        self.means = EpochMeans()
        self.watchers = Watchers(callbacks if self.group.leads else ())
        self.update = 0
        self.seconds = 0.0
        self.last_values: dict[str, float] = {}
        self._last_logged = (0, 0.0)  # images and seconds
        self._resumed = False

    # ---- one update

    def train_step(self) -> Outcome:
        """One update of the generator, after the critic steps that the objective asks for.

        Raises:
            NotFinite: a loss or a gradient is infinite or not a number; that player's weights are as they were before.
        """
        objective, update = self.config.objective, self.update + 1
        generator, discriminator = self.players.generator, self.players.discriminator
        critic = ScoredCritic(discriminator)
        total = self.timeline.total_updates
        if self.timeline.begins_epoch(update):
            self.means.clear()

        for k in range(objective.critic_steps):
            if k == 0 or not objective.shares_real_batch:
                part = self.group.part(self.timeline.batch_size(update, k))
                real = self.batches.real(update, k, part)
            with torch.no_grad():
                fake = generator(self.noise(part, "noise/discriminator", update, k))
            critic.watch(real, fake)
            critic_terms = objective.critic_loss(critic, real, fake)
            loss = discriminator.update(critic_terms, part, update, total)
            objective.constrain(discriminator.parameters)
            self.means.add("discriminator", loss)

        with discriminator.frozen():
            fake = generator(self.noise(part, "noise/generator", update))
            generator_terms = objective.generator_loss(discriminator, real, fake)
            self.means.add("generator", generator.update(generator_terms, part, update, total))
        if self.players.average:
            self.players.average.follow(generator.network)

        self.update = update
        return Outcome(discriminator.terms, generator.terms, critic.scores, part)

    def noise(self, part: Part, purpose: str, *position: int) -> Tensor:
        """z ~ N(0, I) for a part of the batch, rows x latent, on the device: those rows of the whole batch's noise."""
        whole = randomness.normal(part.total, self.config.model.latent, self.config.seed, purpose, *position)
        return batches.to_device(whole[part.rows], self.device)

    # ---- the run

    def fit(self) -> None:
        """Train to the end of the run.

        Raises:
            Interrupted: SIGINT or SIGTERM; the checkpoint is written.
            GanatomyError: a loss or gradient is not finite, the disk is full, or another process of the group is lost; the
                last good checkpoint is named.
        """
        try:
            self._begin()
            while not self._finished():
                if (number := self.exchange.stopped_by()) is not None:
                    self._interrupt(number)
                self._advance()
        except OSError as error:
            raise GanatomyError(
                f"{self.run.path} cannot be written: {error.strerror or error}; {self.run.last_good}"
            ) from error
        except PeersLost as error:
            raise error.during(
                f"training stopped after update {self.update}; {self.run.last_good}. Continue with as many processes as "
                f"you like: ganatomy resume {self.run.path}"
            ) from error
        finally:
            self.watchers.close()

    def _begin(self) -> None:
        if self.group.leads:
            if not self._resumed:
                disk.check(self.run, self.players, KEPT_CHECKPOINTS, len(self.config.train.milestones))
            self._tell_start()
        if not self._resumed:
            self._keep_milestones()
            self._save()

    def _tell_start(self) -> None:
        self.watchers.on_start(
            Start(
                config=self.config,
                resolved=self.resolved,
                run=self.run,
                update=self.update,
                seconds=self.seconds,
                resumed=self._resumed,
                milestones=dict(self.milestones.kept),
                generator=self.players.sampler().cpu(),
                discriminator=self.players.discriminator_copy().cpu(),
                noise=self._sample_noise(),
                device=str(self.device),
            )
        )

    def _advance(self) -> None:
        """One update, and what is due after it: the log line, the milestone, the checkpoint."""
        started = time.perf_counter()
        with randomness.global_seed(self.config.seed, "layers", self.update + 1, *self.group.stream):
            try:
                outcome = self.train_step()
            except NotFinite as error:
                raise self._stopped(f"before update {self.update + 1}: {error}") from error
        if self.schedule.waits(self.update, self.seconds):
            self._check()
        self.seconds += time.perf_counter() - started
        if self.timeline.total_updates is None:
            self.seconds = self.group.leaders_clock(self.seconds)
        self._tell_step(outcome)
        self._evaluate()
        milestone = self._keep_milestones()
        if self._finished():
            # Before the last checkpoint: a run that is killed in between tells it again.
            self.watchers.on_end(End(self.update, self.seconds, self.last_values))
        if milestone or self.schedule.saves(self.update) or self._finished():
            self._save()

    def _check(self) -> None:
        """Wait for a GPU to do what it was told so far, and stop if that ended in numbers that are none."""
        try:
            self.players.check()
        except NotFinite as error:
            raise self._stopped(f"after update {self.update}: {error}") from error

    def _stopped(self, words: str) -> GanatomyError:
        return GanatomyError(f"training stopped {words}; {self.run.last_good}. A lower optimizer.lr often helps")

    def _tell_step(self, outcome: Outcome) -> None:
        step = Step.at(self.update, self.timeline, self.seconds, self._values(outcome))
        if step.values and self.group.leads:
            self.last_values = step.values
            self.run.append_history(step.record)
        self.watchers.on_step(step)
        if self.timeline.ends_epoch(self.update):
            self.watchers.on_epoch(step)

    def _evaluate(self) -> None:
        """Have the callbacks measure a copy of the generator where that is due; this counts as no time of training."""
        if self.schedule.evaluates(self.update):
            if self.group.leads:
                self._measure()
            self.group.wait()

    def _measure(self) -> None:
        generator = self.players.sampler()
        values = self.watchers.measure(Due(self.update, generator, str(self.device)))
        if values:
            scores = Scores.at(self.update, self.timeline, self.seconds, values, generator)
            self.run.append_history(scores.record)
            self.watchers.on_scores(scores)

    def _values(self, outcome: Outcome) -> dict[str, float]:
        """What the log line has; empty where none is due, so that nothing is copied from the device."""
        if not self.schedule.logs(self.update, self.seconds):
            return {}
        images_before, seconds_before = self._last_logged
        shown = self.timeline.images(self.update)
        self._last_logged = (shown, self.seconds)
        values = step_values(outcome, self.players, self.means, self.config.objective, self.group)
        return {**values, "speed/images_per_second": (shown - images_before) / (self.seconds - seconds_before)}

    def _finished(self) -> bool:
        return self.schedule.is_over(self.update, self.seconds)

    def _interrupt(self, number: int) -> NoReturn:
        self._save()
        raise Interrupted(
            f"stopped by {signal.Signals(number).name} after update {self.update}; {self.run.last_good}. "
            f"Continue with: ganatomy resume {self.run.path}",
            number,
        )

    # ---- milestones and checkpoints

    def _keep_milestones(self) -> bool:
        """Samples and the generator at a percentage of the run; whether one is reached now."""
        percents = self.milestones.due(self.update, self.seconds)
        if percents:
            self._check()
        if percents and self.group.leads:
            generator = self.players.sampler()
            noise = self._sample_noise()
            with torch.inference_mode():
                made = images.to_pixels(generator(noise.to(self.device)), self.config.real_range)
            self.watchers.on_milestone(Milestone(self.update, percents, made, generator, noise))
            folder = self.run.milestone(self.update)
            checkpoint.save(folder, {"generator": dict(generator.state_dict())}, {"update": self.update})
        return bool(percents)

    def _sample_noise(self) -> Tensor:
        return randomness.sample_noise(SAMPLES, self.config.model.latent, self.config.seed)

    def _save(self) -> None:
        self._check()
        if self.group.size > 1:
            self.group.check_same(f"the weights after update {self.update}", self.players.digest())
        if self.group.leads:
            self.watchers.on_checkpoint(self.update)
            self.run.sync_history()
            checkpoint.save(self.run.checkpoint(self.update), self.players.tensors(), self.state())
            self.run.prune_checkpoints(KEPT_CHECKPOINTS)
        self.group.wait()

    def state(self) -> dict[str, Any]:
        """All that a resumed run needs beside the tensors."""
        return {
            "update": self.update,
            "seconds": self.seconds,
            "means": self.means.state(),
            "milestones": self.milestones.state(),
            "last_values": self.last_values,
            "config": tree(self.config),
        }

    def restore(self, saved: checkpoint.Checkpoint, length_changed: bool = False) -> None:
        """Continue from a checkpoint, to the length that the settings have now."""
        self.players.restore(saved.tensors)
        self.update = saved.state["update"]
        self.seconds = saved.state["seconds"]
        self.means.restore(saved.state["means"])
        self.milestones.restore(kept_of(saved.state["milestones"]), self.seconds, length_changed)
        self.last_values = saved.state["last_values"]
        self._last_logged = (self.timeline.images(self.update), self.seconds)
        self._resumed = True
