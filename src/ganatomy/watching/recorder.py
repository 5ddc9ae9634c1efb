"""Begins the run folder of a user's own loop, as soon as its first iterations have shown what the networks are."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ganatomy import paths, randomness
from ganatomy.callbacks.evaluation import QuickEvaluation
from ganatomy.callbacks.notebook import Notebook, in_notebook
from ganatomy.callbacks.samples import Samples
from ganatomy.callbacks.tensorboard import TensorBoard
from ganatomy.config import Config, Train, Tree
from ganatomy.config.resolve import Resolved
from ganatomy.config.timeline import Timeline
from ganatomy.data import Dataset, Source
from ganatomy.runs import recorded
from ganatomy.runs.events import Callback
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.networks import copied
from ganatomy.runs.operations import NotAProgram
from ganatomy.runs.program import ROWS, Program
from ganatomy.runs.recorded import OwnCopy, OwnGenerator, OwnLoss, OwnNetworks, OwnOptimizers, Weights
from ganatomy.watching import facts, subject
from ganatomy.watching.finding import Findings
from ganatomy.watching.recording import Recording
from ganatomy.watching.seen import Iteration, Judged, Role
from ganatomy.watching.subject import Caller, Range, Shape, Subject, Unseen, unwrapped, weights_of
from ganatomy.watching.texts import TEXTS, say, told
from ganatomy.words import Language, Words

log = logging.getLogger("ganatomy")

ENDLESS = 2**40
"""Images of data that is not named."""
SEEDED = 2**32
"""Above it a seed is torch's own, drawn as Python began: nobody writes such a one."""


@dataclass(frozen=True)
class Asked:
    """What the user asked to have recorded."""

    out: Path
    source: Source | None = None
    dataset: Dataset | None = None
    total_steps: int | None = None
    value_range: Range | None = None
    log_every: int = 25
    language: Language = "en"


class Recorder:
    """Records a loop. An error in here must not cost the training: who calls `step` and `close` catches all of them."""

    def __init__(
        self, asked: Asked, subject: Subject, networks: dict[Role, nn.Module], optimizers: dict[Role, Optimizer | None]
    ) -> None:
        self._asked = asked
        self._subject = subject
        self._networks = networks
        self._optimizers = dict(optimizers)
        self._before: Weights | None = None
        """Of the generator, before the first step; None where lazy layers have none yet."""
        with contextlib.suppress(ValueError, RuntimeError):
            self._before = weights_of(unwrapped(networks["G"]))
        self._reals: list[Judged] = []
        self._recording: Recording | None = None
        self._seconds = 0.0
        """Of the loop, without what is done in here."""
        self._since: float | None = None
        """When the loop went on."""

    @property
    def path(self) -> Path | None:
        """The run folder; None before there is one."""
        return None if self._recording is None else self._recording.folder.path

    def step(
        self,
        iteration: Iteration,
        losses: Mapping[Role, float | Tensor],
        looking: bool,
        stepping: dict[Role, list[Optimizer]],
    ) -> None:
        """Note an iteration.

        Args:
            losses: as the loop gave them.
            looking: whether it was looked at.
            stepping: the optimisers whose steps were seen.
        """
        if self._since is not None or self._subject.call is not None:
            self._seconds += time.perf_counter() - (self._since or self._subject.began)
        if self._recording is None:
            self._reals += [call for call in iteration.judged if call.kind != "fake"]
            for role, found in stepping.items():
                self._optimizers[role] = self._optimizers[role] or next(iter(found), None)
            if self._subject.call is not None and self._reals:
                with randomness.untouched():  # torch draws from Python's when it first loads its compiler
                    self._begin()
        if self._recording is not None:
            self._recording.step(iteration, losses, looking, self._seconds)
        if self._subject.call is not None:
            self._since = time.perf_counter()

    def abandon(self) -> None:
        """Write no more: something could not be written."""
        self._subject.remove()
        if self._recording is not None:
            self._recording.abandon()

    def close(self, findings: Findings | None, seen: Tree) -> None:
        """End the recording.

        Args:
            seen: facts that the whole loop has shown.
        """
        self._subject.remove()
        if self._recording is None:
            self._say("nothing")
            return
        self._recording.facts |= seen
        self._recording.close(findings, self._seconds)
        self._say("done", **self._recording.summary)
        print(f"next: {paths.command('ganatomy', 'report', self._recording.folder.path)}", file=sys.stderr)

    # ---- the beginning

    def _begin(self) -> None:
        asked = self._asked
        source, dataset = asked.source, asked.dataset
        reason: Words | None = None
        try:
            shape, model = self._seen(dataset)
        except Unseen as error:
            reason, shape = error.words, dataset.shape if dataset is not None else (1, 1, 1)
            model = OwnNetworks(lowest=0.0, highest=1.0, **self._classes)
        if dataset is not None and dataset.shape != shape:
            self._say("other-size", found=_size(shape), expected=_size(dataset.shape))
            source = dataset = None
        folder = RunFolder.create_numbered(asked.out)
        config = self._config(folder.path.name, model, source)
        resolved = self._resolved(config, dataset, shape)
        if model.conditional and not resolved.classes:
            reason = TEXTS["recording.classes"]
        recording = self._recording = Recording(folder, config, resolved, unwrapped(self._networks["G"]))
        recording.facts = facts.at_first(folder, self._networks, asked.total_steps)
        self._say("to", folder=paths.text(folder.path))
        if reason is None:
            try:
                recording.drawing = self._drawing(folder, model, resolved)
                recording.samples(self._before)
            except (
                Exception
            ) as error:  # of a generator that cannot be copied, or does not draw what it drew in the loop
                recording.drawing = None
                reason = told(error)
        if reason is not None:
            self._say("no-samples", reason=reason)
        recording.begin(self._callbacks(recording, dataset), self._before)
        self._before = None

    def _seen(self, dataset: Dataset | None) -> tuple[Shape, OwnNetworks]:
        """The images' shape, and how the generator was called.

        Raises:
            Unseen: what keeps images from being drawn.
        """
        call = self._subject.call
        assert call is not None
        shape, layout = subject.shape_of(call.output, None if dataset is None else dataset.shape)
        value_range = self._asked.value_range
        if value_range is None and shape != subject.POINT:
            seen = [each for each in self._reals if each.kind == "other"] or self._reals
            reals = min(each.low for each in seen), max(each.high for each in seen)
            value_range, certain = subject.range_of(reals, subject.last_layer(self._networks["G"]))
            if not certain:
                self._say("range", low=f"{value_range[0]:.3g}", high=f"{value_range[1]:.3g}")
        return shape, dataclasses.replace(subject.networks_of(call, layout, value_range), **self._classes)

    @property
    def _classes(self) -> dict[str, Any]:
        players: dict[Role, str] = {"G": "generator_class", "D": "discriminator_class"}
        return {name: type(unwrapped(self._networks[role])).__name__ for role, name in players.items()}

    def _config(self, name: str, model: OwnNetworks, source: Source | None) -> Config:
        """`name`: of the run's folder."""
        first, call = self._reals[0], self._subject.call
        assert call is not None
        batch = len(first.scores[first.reals])
        device = next((each.device.type for each in self._networks["G"].parameters()), "cpu")
        train = Train(
            updates=self._asked.total_steps,
            batch=min(65536, batch if batch > 1 else len(call.output)),  # of a D that returns its batch's mean
            log_every=self._asked.log_every,
            evaluate_every=0,
            device="cuda" if device == "cuda" else "cpu",
            precision="bf16" if call.output.dtype == torch.bfloat16 else "fp32",
            threads=torch.get_num_threads(),
        )
        return Config(
            recipe=re.sub(r"-s\d+$", "", self._asked.out.name).lstrip(".") or "own-loop",
            seed=self._seed_of(name),
            data=recorded.NoData() if source is None else source,
            model=model,
            objective=OwnLoss(probabilities="Sigmoid" in (first.ends_in or "")),
            optimizer=OwnOptimizers(  # type: ignore[arg-type]
                generator=subject.described(self._optimizers["G"]),
                discriminator=subject.described(self._optimizers["D"]),
            ),
            train=train,
        )

    def _seed_of(self, name: str) -> int:
        """The seed that the loop has set; where it has set none, a number of its own for each repetition: 2 for runs/mine-2."""
        seed = torch.initial_seed()
        number = re.search(r"-s?(\d+)$", name)
        return seed if seed < SEEDED else int(number[1]) if number else 0

    def _resolved(self, config: Config, dataset: Dataset | None, shape: Shape) -> Resolved:
        total = ENDLESS if dataset is None else len(dataset)
        timeline = Timeline(total, min(config.train.batch, total), 1, self._asked.total_steps)
        resolved = Resolved(shape, "" if dataset is None else dataset.digest, timeline)
        if dataset is None or dataset.labels is None or not config.model.conditional:
            return resolved
        counts = np.bincount(dataset.labels, minlength=len(dataset.classes)).tolist()
        digest = hashlib.sha256(dataset.labels.tobytes()).hexdigest()
        return dataclasses.replace(resolved, classes=dataset.classes, class_counts=tuple(counts), labels_digest=digest)

    def _drawing(self, folder: RunFolder, model: OwnNetworks, resolved: Resolved) -> OwnGenerator:
        """The generator as images are drawn from it: its operations, or a copy where these cannot be listed."""
        call, network = self._subject.call, unwrapped(self._networks["G"])
        assert call is not None
        copy = Caller(copied(network).cpu().eval().requires_grad_(False), call)
        for module in copy.modules():
            module._forward_hooks.clear()  # the user's: they would see images that the loop never made
        rows = [tensor[:1].repeat(ROWS, *[1] * (tensor.ndim - 1)) for _, tensor in call.asked()]
        try:
            made: Program | OwnCopy = Program.of(copy, *rows).without_prefix("network.")
        except NotAProgram as error:
            log.debug("%s", error)
            self._say("no-program")
            made = OwnCopy(copy, copy.network)
        else:
            recorded.save_program(folder, made.tree)
        device = next((each.device for each in network.parameters()), torch.device("cpu"))
        return OwnGenerator(made, model, resolved.shape, len(resolved.classes)).to(device)

    def _callbacks(self, recording: Recording, dataset: Dataset | None) -> list[Callback]:
        limit = None if dataset is None or dataset.bounded else float(np.abs(dataset.images).max()) * 1.25
        found: list[Callback] = [Samples(limit), TensorBoard(limit)]
        if recording.drawing is not None and dataset is not None:
            found.append(QuickEvaluation(dataset))
        if in_notebook():
            found.append(Notebook(recording.samples if recording.drawing is not None else None, limit))
        return found

    def _say(self, key: str, **facts: Any) -> None:
        say(self._asked.language, key, **facts)


def _size(shape: Shape) -> str:
    return " x ".join(map(str, shape))
