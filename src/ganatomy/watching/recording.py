"""The run folder of a user's own loop while it is being written."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor, nn

from ganatomy import paths, randomness
from ganatomy.config import Config, Tree, tree
from ganatomy.config.resolve import Resolved
from ganatomy.images import picture, save_png
from ganatomy.runs import checkpoint, recorded
from ganatomy.runs.code import codes
from ganatomy.runs.environment import describe
from ganatomy.runs.events import SAMPLES, Callback, Due, End, Milestone, Scores, Start, Step
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.milestones import USUAL
from ganatomy.runs.recorded import OwnGenerator, Weights
from ganatomy.runs.sampler import Sampler
from ganatomy.runs.watchers import Watchers
from ganatomy.watching.finding import Findings
from ganatomy.watching.pictures import Pictures
from ganatomy.watching.seen import Iteration, Role
from ganatomy.watching.subject import weights_of

CHECKPOINT_SECONDS = 60.0
"""Between two checkpoints of G, so that a loop that is killed loses little."""
SETTLED = 50
"""Iterations after which the batches of an iteration are known."""
PLAYERS: dict[Role, str] = {"G": "generator", "D": "discriminator"}


class Recording:
    """Writes what a loop does into a run folder, through the callbacks that every run has."""

    def __init__(self, folder: RunFolder, config: Config, resolved: Resolved, network: nn.Module) -> None:
        """
        Args:
            network: the user's generator, whose weights are read.
        """
        self.folder = folder
        self.drawing: OwnGenerator | None = None
        """What draws images on a copy of the generator's weights; None where that cannot be."""
        self.facts: Tree = {}
        """What config.toml says of the loop besides its settings."""
        self._config = config
        self._resolved = resolved
        self._network = network
        self._watchers = Watchers([])
        self._pictures = Pictures(resolved.timeline.milestones(USUAL), config.train.log_every)
        self._update = 0
        self._losses: dict[str, float | Tensor] = {}
        self._logged = Step.at(0, resolved.timeline, 0.0, {})
        """The last log line."""
        self._measured = 0
        self._saved = -math.inf
        """Seconds of the loop at the last checkpoint: the first step has one."""
        self._milestones: dict[int, tuple[int, ...]] = {}
        self._stack = ExitStack()

    def begin(self, callbacks: list[Callback], before: Weights | None) -> None:
        """Write what is known at the beginning, and draw the first picture.

        Args:
            before: the generator's weights before the first step, where they were known.
        """
        self._stack.enter_context(self.folder.lock())
        self._write_config()
        self.folder.add_environment(describe(self._device.type, self._config.train.precision, 0))
        self._watchers = Watchers(callbacks)
        self._watchers.on_start(
            Start(
                config=self._config,
                resolved=self._resolved,
                run=self.folder,
                update=0,
                seconds=0.0,
                resumed=False,
                milestones={},
                generator=self.drawing or nn.Module(),
                discriminator=None,
                device=str(self._device),
            )
        )
        if self.drawing is not None and before is not None:
            self._draw(0, self._pictures.due(0) or (), before)

    # ---- an iteration

    def step(
        self, iteration: Iteration, losses: Mapping[Role, float | Tensor], is_looked_at: bool, seconds: float
    ) -> None:
        """Note an iteration of the loop.

        Args:
            losses: as the loop gave them.
            is_looked_at: whether D's scores are known.
            seconds: of the loop so far.
        """
        number = self._update = iteration.number
        # Kept as they are: to read a loss from a GPU, the loop would have to wait.
        self._losses |= {
            f"loss/{PLAYERS[role]}": loss.detach() if isinstance(loss, Tensor) else loss
            for role, loss in losses.items()
        }
        if is_looked_at and number <= SETTLED:
            self._count_batches(iteration)
        step = Step.at(number, self._resolved.timeline, seconds, {})
        percents = self._pictures.due(number)
        if percents or (is_looked_at and (number == 1 or number % self._config.train.log_every == 0)):
            step = self._log(step, iteration.scores if is_looked_at else {})
        self._watchers.on_step(step)
        doubles = self._doubles(number)
        if percents is not None and self.drawing is not None:
            self._draw(number, percents)
            if percents or doubles:
                self._measure(step)
        if percents or doubles or seconds - self._saved > CHECKPOINT_SECONDS:
            self._save(step)

    def _count_batches(self, iteration: Iteration) -> None:
        """Real batches of an iteration: as many as D's steps, at most; a penalty gives D other images as well."""
        reals = {call.digest for call in iteration.judged if call.kind != "fake"}
        found = max(1, min(len(reals), len(iteration.steps("D"))))
        timeline = self._resolved.timeline
        if found > timeline.batches_per_update:
            timeline = dataclasses.replace(timeline, batches_per_update=found)
            self._resolved = dataclasses.replace(self._resolved, timeline=timeline)

    def _log(self, step: Step, scores: dict[str, float]) -> Step:
        values = {name: float(loss) for name, loss in self._losses.items()} | scores
        if step.seconds > self._logged.seconds:
            images = step.images - self._logged.images
            values["speed/images_per_second"] = max(0, images) / (step.seconds - self._logged.seconds)
        finite = {name: value for name, value in values.items() if np.isfinite(value)}
        self._logged = dataclasses.replace(step, values=finite)
        self.folder.append_history(self._logged.record)
        return self._logged

    def _doubles(self, number: int) -> bool:
        """Whether a loop of unknown length is evaluated and saved now: at steps that double."""
        times, rest = divmod(number, self._config.train.log_every)
        return self._config.train.updates is None and rest == 0 and times & (times - 1) == 0

    def _draw(self, number: int, percents: tuple[int, ...], weights: Weights | None = None) -> None:
        """Draw a step's picture, and keep it under its percentages, or by its number where the length is unknown."""
        made = self.samples(weights)
        for former in self._pictures.keep(number, made):
            self.folder.former_sample_file(former).unlink(missing_ok=True)
        if percents:
            self._keep(number, percents, made)
        else:
            save_png(self.folder.former_sample_file(number), picture(made))

    def _keep(self, number: int, percents: tuple[int, ...], made: np.ndarray) -> None:
        """A milestone: its picture, and the generator."""
        drawing = self._drawing
        self._milestones[number] = percents
        self._watchers.on_milestone(Milestone(number, percents, made, drawing))
        checkpoint.save(self.folder.milestone(number), {"generator": drawing.state_dict()}, {"update": number})

    def samples(self, weights: Weights | None = None) -> np.ndarray:
        """64 images from the fixed noise, by the generator as it is, or with those weights."""
        self._drawing.take(weights_of(self._network) if weights is None else weights)
        sampler = Sampler(self._config, self._resolved.class_counts, self._drawing, self._device)
        with randomness.untouched():
            return sampler.draw(SAMPLES, self._config.seed)

    def _measure(self, step: Step) -> None:
        self._drawing.take(weights_of(self._network))
        self._measured = step.update
        with randomness.untouched():
            values = self._watchers.measure(Due(step.update, self._drawing, str(self._device)))
        if values:
            scores = Scores.at(step.update, self._resolved.timeline, step.seconds, values, self._drawing)
            self.folder.append_history(scores.record)
            self._watchers.on_scores(scores)

    def _save(self, step: Step) -> None:
        self._watchers.on_checkpoint(step.update)
        self.folder.sync_history()
        state = {
            "update": step.update,
            "seconds": step.seconds,
            "milestones": [[update, list(percents)] for update, percents in self._milestones.items()],
            "last_values": self._logged.values,
            "config": tree(self._config),
        }
        checkpoint.save(self.folder.checkpoint(step.update), {"generator": weights_of(self._network)}, state)
        self.folder.prune_checkpoints(2)
        self._saved = step.seconds

    # ---- the end

    def close(self, findings: Findings | None, seconds: float) -> None:
        """Write what is known at the end: the diagnosis, the real length, the last picture and scores, the last checkpoint.

        Each for itself: after an error on a GPU nothing can be drawn, and the diagnosis is what is wanted.
        """
        last = Step.at(self._update, self._resolved.timeline, seconds, {})
        parts: list[Callable[[], object]] = [lambda: self._take_length(last.update)]
        if findings is not None:
            parts.append(lambda: findings.save(self.folder.diagnosis))
        if last.update > self._logged.update:
            parts.append(lambda: self._log(last, {}))
        if self.drawing is not None and last.update > self._measured:
            parts.append(lambda: self._measure(last))
        if self.drawing is not None:
            parts += [lambda: self._name_pictures(last.update), self._write_config]
        parts.append(lambda: self._watchers.on_end(End(last.update, seconds, self._logged.values)))
        parts.append(lambda: self._save(last))
        errors: list[Exception] = []
        for part in parts:
            try:
                part()
            except Exception as error:
                errors.append(error)
        self.abandon()
        if errors:
            raise errors[0]

    def abandon(self) -> None:
        """Let go of the folder as it is; one that has nothing of the loop yet is removed."""
        self._watchers.close()
        if not self._update:
            self.folder.discard()
        self._stack.close()

    def _name_pictures(self, last: int) -> None:
        """Give the pictures the percentages of the length that the loop turned out to have."""
        self._pictures.keep(last, self.samples())
        named = self._pictures.named(last)
        shown = sorted({percent for percents in named.values() for percent in percents})
        for file in self.folder.sample_files():
            if file not in map(self.folder.sample_file, shown):
                file.unlink()
        for update, percents in named.items():
            if update == last:
                self._keep(update, percents, self._pictures.kept[update])
            elif self._milestones.get(update) != percents:
                self._watchers.on_milestone(Milestone(update, percents, self._pictures.kept[update], self._drawing))
        kept = self.folder.milestone_updates()
        self._milestones = {update: percents for update, percents in named.items() if update in kept}
        train = dataclasses.replace(self._config.train, milestones=tuple(shown))
        self._config = dataclasses.replace(self._config, train=train)

    def _take_length(self, last: int) -> None:
        self._config = dataclasses.replace(self._config, train=dataclasses.replace(self._config.train, updates=last))
        timeline = dataclasses.replace(self._resolved.timeline, total_updates=last)
        self._resolved = dataclasses.replace(self._resolved, timeline=timeline)
        self._write_config()

    # ---- parts

    @property
    def _device(self) -> torch.device:
        return next((each.device for each in self._network.parameters()), torch.device("cpu"))

    @property
    def _drawing(self) -> OwnGenerator:
        assert self.drawing is not None
        return self.drawing

    def _write_config(self) -> None:
        facts = self._resolved.tree()
        if isinstance(self._config.data, recorded.NoData):
            del facts["images"], facts["batches_per_epoch"]
        settings = {**tree(self._config), recorded.TABLE: self.facts}
        self.folder.write_config(settings, facts, codes(self._config))

    @property
    def summary(self) -> dict[str, str]:
        """What was recorded, for a sentence."""
        return {"steps": f"{self._update:,}", "folder": paths.text(self.folder.path)}
