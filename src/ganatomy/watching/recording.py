"""The run folder of a user's own loop while it is being written."""

from __future__ import annotations

import dataclasses
import sys
from contextlib import ExitStack

import numpy as np
import torch
from torch import nn

from ganatomy import paths
from ganatomy.config import Config, tree
from ganatomy.config.resolve import Resolved
from ganatomy.images import picture, save_png
from ganatomy.runs import checkpoint, recorded
from ganatomy.runs.code import codes
from ganatomy.runs.environment import describe
from ganatomy.runs.events import SAMPLES, Callback, Due, End, Milestone, Scores, Start, Step
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.recorded import OwnGenerator, Weights
from ganatomy.runs.sampler import Sampler
from ganatomy.runs.watchers import Watchers
from ganatomy.watching.finding import Findings
from ganatomy.watching.pictures import Pictures
from ganatomy.watching.seen import Iteration, Judged, Role, Stepped

CHECKPOINT_SECONDS = 300.0
"""Between two checkpoints of G, so that a loop that is killed loses little."""
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
        self._config = config
        self._resolved = resolved
        self._network = network
        self._watchers = Watchers([])
        self._pictures = Pictures(resolved.timeline.total_updates, config.train.log_every)
        self._update = 0
        self._losses: dict[str, float] = {}
        self._logged = Step.at(0, resolved.timeline, 0.0, {})
        """The last log line."""
        self._measured = 0
        self._saved = 0.0
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

    def step(self, iteration: Iteration, is_logged: bool, seconds: float) -> None:
        """Note an iteration of the loop.

        Args:
            is_logged: whether it may have a line in the history: it was looked at, so that D's scores are known.
            seconds: of the loop so far.
        """
        number = self._update = iteration.number
        self._losses |= {f"loss/{PLAYERS[role]}": loss for role, loss in iteration.losses.items()}
        step = Step.at(number, self._resolved.timeline, seconds, {})
        percents = self._pictures.due(number)
        if percents or (is_logged and (number == 1 or number % self._config.train.log_every == 0)):
            step = self._log(step, _scores(iteration))
        self._watchers.on_step(step)
        if percents is not None and self.drawing is not None:
            self._draw(number, percents)
            if percents or self._doubles(number):
                self._measure(step)
        if percents or seconds - self._saved > CHECKPOINT_SECONDS:
            self._save(step)

    def _log(self, step: Step, scores: dict[str, float]) -> Step:
        values = self._losses | scores
        if step.seconds > self._logged.seconds:
            images = step.images - self._logged.images
            values["speed/images_per_second"] = images / (step.seconds - self._logged.seconds)
        finite = {name: value for name, value in values.items() if np.isfinite(value)}
        self._logged = dataclasses.replace(step, values=finite)
        self.folder.append_history(self._logged.record)
        return self._logged

    def _doubles(self, number: int) -> bool:
        """Whether a loop of unknown length is evaluated now: at steps that double."""
        times, rest = divmod(number, 10 * self._config.train.log_every)
        return rest == 0 and times & (times - 1) == 0

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
        self._drawing.take(self.weights() if weights is None else weights)
        sampler = Sampler(self._config, self._resolved.class_counts, self._drawing, self._device)
        return sampler.draw(SAMPLES, self._config.seed)

    def _measure(self, step: Step) -> None:
        self._drawing.take(self.weights())
        self._measured = step.update
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
        checkpoint.save(self.folder.checkpoint(step.update), {"generator": self.weights()}, state)
        self.folder.prune_checkpoints(2)
        self._saved = step.seconds

    # ---- the end

    def close(self, findings: Findings | None, seconds: float) -> None:
        """Write what is known at the end: the last picture and scores, the real length, the last checkpoint, the diagnosis."""
        last = Step.at(self._update, self._resolved.timeline, seconds, {})
        try:
            if last.update > self._logged.update:
                self._log(last, {})
            if self.drawing is not None and last.update > self._measured:
                self._measure(last)
            if self.drawing is not None:
                self._name_pictures(last.update)
            self._take_length(last.update)
            if findings is not None:
                findings.save(self.folder.diagnosis)
            self._watchers.on_end(End(last.update, seconds, self._logged.values))
            self._save(last)
        finally:
            self.abandon()

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
        for update, percents in named.items():
            if update == last:
                self._keep(update, percents, self._pictures.kept[update])
            elif self._milestones.get(update) != percents:
                self._watchers.on_milestone(Milestone(update, percents, self._pictures.kept[update], self._drawing))
        kept = self.folder.milestone_updates()
        self._milestones = {update: percents for update, percents in named.items() if update in kept}
        shown = sorted({percent for percents in named.values() for percent in percents})
        for file in self.folder.sample_files():
            if file not in map(self.folder.sample_file, shown):
                file.unlink()
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

    def weights(self) -> Weights:
        """A copy of the generator's."""
        return {name: value.detach().clone() for name, value in self._network.state_dict().items()}

    def _write_config(self) -> None:
        facts = self._resolved.tree()
        if isinstance(self._config.data, recorded.NoData):
            del facts["images"], facts["batches_per_epoch"]
        settings = {**tree(self._config), recorded.TABLE: {"script": recorded.script_of(sys.argv)}}
        self.folder.write_config(settings, facts, codes(self._config))

    @property
    def summary(self) -> dict[str, str]:
        """What was recorded, for a sentence."""
        return {"steps": f"{self._update:,}", "folder": paths.text(self.folder.path)}


def _scores(iteration: Iteration) -> dict[str, float]:
    """D's mean scores of reals and fakes until its first step: as it was before that."""
    found: dict[str, float] = {}
    for event in iteration.events:
        if isinstance(event, Judged) and event.kind == "mixed":
            found = {
                "score/real": event.scores[event.reals].mean().item(),
                "score/fake": event.scores[event.fakes].mean().item(),
            }
        elif isinstance(event, Judged):
            found["score/real" if event.kind == "other" else "score/fake"] = event.scores.mean().item()
        elif isinstance(event, Stepped) and "D" in event.roles and len(found) == 2:
            break
    return found
