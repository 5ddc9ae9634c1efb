"""The training loop: one update of the generator, the critic steps before it, and what is kept on the way."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from ganatomy import paths, randomness
from ganatomy.config import Config, devices, tree
from ganatomy.config.resolve import Resolved
from ganatomy.data import Dataset
from ganatomy.distributed import Group, PeersLost, Shard
from ganatomy.distributed.exchange import Exchange
from ganatomy.distributed.signals import StopRequest
from ganatomy.errors import Diverged, GanatomyError, Interrupted
from ganatomy.objectives import Batch
from ganatomy.objectives.checked import CheckedObjective
from ganatomy.plugin import is_outside
from ganatomy.runs import checkpoint
from ganatomy.runs.events import SAMPLES, Callback, Due, End, Milestone, Scores, Start, Step
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.milestones import Milestones, kept_of
from ganatomy.runs.sampler import Sampler
from ganatomy.runs.watchers import Watchers
from ganatomy.training import batches, disk
from ganatomy.training.critic import ScoredCritic
from ganatomy.training.log import Log, Outcome
from ganatomy.training.players import NotFinite, Player, Players
from ganatomy.training.schedule import Progress, Schedule

KEPT_CHECKPOINTS = 2


class Trainer:
    """Trains one run in its folder, from its beginning or from its last checkpoint to its end.

    `stop` is looked at between two updates; whoever made it listens to the signals. Each process of a `group` has a
    trainer; the leading one alone writes to the run's folder and calls the callbacks.
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
        self.objective = config.objective
        self.losses = CheckedObjective(self.objective) if is_outside(type(self.objective)) else self.objective
        self.run = run
        self.timeline = resolved.timeline
        self.schedule = Schedule(config.train, resolved.timeline)
        self.group = Group() if group is None else group
        self.device = self.group.device(devices.pick_device(config.train.device))
        # A request without a signal is false.
        self.exchange = Exchange(self.group, StopRequest() if stop is None else stop)
        self.players = Players(config, resolved, self.device, self.group)
        self.batches = batches.of(dataset, self.timeline, config.seed, config.real_range, self.device)
        self.milestones = Milestones(config.train, self.timeline)
        self.log = Log(self.objective, self.players, self.group, self.timeline)
        self.progress = Progress(self.objective, self.timeline)
        self.watchers = Watchers(callbacks if self.group.leads else ())
        self.update = 0
        self.seconds = 0.0
        self.last_values: dict[str, float] = {}
        self._resumed = False

    # ---- one update

    def train_step(self) -> Outcome:
        """One update of the generator, after the critic steps that the objective asks for.

        Raises:
            NotFinite: a loss or a gradient is infinite or not a number; that network's weights are as they were before.
        """
        objective, update = self.objective, self.update + 1
        generator, discriminator = self.players.generator, self.players.discriminator
        if self.timeline.begins_epoch(update):
            self.log.means.clear()
        progress = partial(self.progress.before, update)

        for k in range(objective.critic_steps):
            if k == 0 or not objective.shares_real_batch:
                shard = self.group.shard(self.timeline.batch_size(update, k))
                real, labels, bound = self.real_batch(update, k, shard)
            noise = self.noise(shard, "noise/discriminator", update, k)
            with torch.no_grad():
                fake = generator(noise, bound)
            batch = Batch(real, fake, noise, labels, progress)
            critic = ScoredCritic(discriminator, batch, bound, self.config.train.input_noise)
            terms = self.losses.critic_loss(critic, batch)
            if k == objective.critic_steps - 1 and self.schedule.may_log(update):
                critic.complete(self.config.seed, update)
            self._descend(discriminator, terms, shard)
            self.losses.constrain(discriminator.parameters)
            scores = critic.scores

        noise = self.noise(shard, "noise/generator", update)
        with discriminator.frozen():
            fake = generator(noise, bound)
            batch = Batch(real, fake, noise, labels, progress)
            critic = ScoredCritic(discriminator, batch, bound, self.config.train.input_noise)
            terms = self.losses.generator_loss(critic, batch)
            self._descend(generator, terms, shard)
        if self.players.average:
            self.players.average.follow(generator.network)

        self.update = update
        return Outcome(discriminator.terms, generator.terms, scores, shard)

    def _descend(self, player: Player, terms: dict[str, Tensor], shard: Shard) -> None:
        """One optimiser step of a network down the sum of its loss terms, which are means over this process's shard."""
        update = self.update + 1
        loss = torch.stack(list(terms.values())).sum()
        player.backward(loss, shard)
        player.terms = self.exchange.whole(shard, player.parameters, terms, player.statistics)
        player.check_finite(update)
        player.step(update, self.timeline.total_updates)
        self.log.means.add(player.role, player.loss)

    def real_batch(self, update: int, k: int, shard: Shard) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Real images of a critic step, their labels, and the labels again where the model is conditional: all on the device."""
        real = self.batches.real(update, k, shard)
        labels = self.batches.labels(update, k, shard) if self.resolved.classes else None
        return real, labels, labels if self.config.model.conditional else None

    def noise(self, shard: Shard, purpose: str, *position: int) -> Tensor:
        """z ~ N(0, I) for a shard of the batch, rows x latent, on the device: those rows of the whole batch's noise."""
        whole = randomness.normal(shard.total, self.config.model.latent, self.config.seed, purpose, *position)
        return batches.to_device(whole[shard.rows], self.device)

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
                f"you like: {paths.command('ganatomy', 'resume', self.run.path)}"
            ) from error
        finally:
            self.watchers.close()

    def _begin(self) -> None:
        if self.group.leads:
            if not self._resumed:
                disk.check(self.run, self.players, KEPT_CHECKPOINTS, len(self.config.train.milestones))
            self._announce_start()
        if not self._resumed:
            self._keep_milestones()
            self._save()

    def _announce_start(self) -> None:
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
                device=str(self.device),
            )
        )

    def _advance(self) -> None:
        """One update, and what is due after it: the log line, the milestone, the checkpoint."""
        started = time.perf_counter()
        outcome = self.try_update()
        if self.schedule.waits(self.update, self.seconds):
            self._check()
        self.seconds += time.perf_counter() - started
        if self.timeline.total_updates is None:
            self.seconds = self.group.leaders_clock(self.seconds)
        self._announce_step(outcome)
        self._evaluate()
        milestone = self._keep_milestones()
        if self._finished():
            # Before the last checkpoint: a run that is killed in between announces its end again.
            self.watchers.on_end(End(self.update, self.seconds, self.last_values))
        if milestone or self.schedule.saves(self.update) or self._finished():
            self._save()

    def try_update(self) -> Outcome:
        """One update, in which layers and losses draw from torch's global generator as the seed and the update say.

        Raises:
            Diverged: a loss or a gradient is not finite.
        """
        position = (self.update + 1, *self.group.stream)
        with randomness.global_seed(self.config.seed, "layers", *position, device=self.device):
            try:
                return self.train_step()
            except NotFinite as error:
                raise self._stopped(f"before update {self.update + 1}: {error}") from error

    def _check(self) -> None:
        """Wait for a GPU to finish its queue, and stop if a loss or gradient was not finite."""
        try:
            self.players.check()
        except NotFinite as error:
            raise self._stopped(f"after update {self.update}: {error}") from error

    def _stopped(self, words: str) -> Diverged:
        return Diverged(
            f"training stopped {words}; {self.run.last_good}. A lower optimizer.lr often helps", self.update
        )

    def _announce_step(self, outcome: Outcome) -> None:
        is_logged = self.schedule.logs(self.update, self.seconds)
        # Values are copied from the device only where they are logged.
        values = self.log.values(outcome, self.update, self.seconds) if is_logged else {}
        step = Step.at(self.update, self.timeline, self.seconds, values)
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

    def _finished(self) -> bool:
        return self.schedule.is_over(self.update, self.seconds)

    def _interrupt(self, number: int) -> NoReturn:
        self._save()
        raise Interrupted(
            f"stopped by {signal.Signals(number).name} after update {self.update}; {self.run.last_good}. "
            f"Continue with: {paths.command('ganatomy', 'resume', self.run.path)}",
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
            made = self._sampler(generator).draw(SAMPLES, self.config.seed)
            self.watchers.on_milestone(Milestone(self.update, percents, made, generator))
            folder = self.run.milestone(self.update)
            checkpoint.save(folder, {"generator": dict(generator.state_dict())}, {"update": self.update})
        return bool(percents)

    def _sampler(self, generator: nn.Module) -> Sampler:
        return Sampler(self.config, self.resolved.class_counts, generator, self.device)

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
        """All that a resumed run needs as well as the tensors."""
        return {
            "update": self.update,
            "seconds": self.seconds,
            "means": self.log.means.state(),
            "milestones": self.milestones.state(),
            "last_values": self.last_values,
            "config": tree(self.config),
            **self.progress.state(),
        }

    def restore(self, saved: checkpoint.Checkpoint, length_changed: bool = False) -> None:
        """Continue from a checkpoint, to the length that the settings have now."""
        self.players.restore(saved.tensors)
        self.update = saved.state["update"]
        self.seconds = saved.state["seconds"]
        self.log.means.restore(saved.state["means"])
        self.milestones.restore(kept_of(saved.state["milestones"]), self.seconds, length_changed)
        self.last_values = saved.state["last_values"]
        self.progress.restore(saved.state)
        self.log.begin(self.update, self.seconds)
        self._resumed = True
