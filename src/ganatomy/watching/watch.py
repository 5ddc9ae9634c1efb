"""Your own loop, watched: `ganatomy.watch`."""

from __future__ import annotations

import contextlib
import math
import sys
import weakref
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ganatomy.errors import UsageError
from ganatomy.watching import facts
from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import SEVERITIES, Finding, Findings
from ganatomy.watching.names import role_of
from ganatomy.watching.observer import Observer
from ganatomy.watching.recorder import Asked, Recorder
from ganatomy.watching.rules import all_rules
from ganatomy.watching.seen import Iteration, Role
from ganatomy.watching.subject import Subject
from ganatomy.watching.texts import say, told
from ganatomy.words import Language

LOOKED_FIRST = 16
"""Updates of each network at the beginning that are looked at."""

PATIENCE = 60
"""Iterations after which a network that does not step is not waited for any longer."""


class Watch:
    """Watches a training loop: `step` at the end of each iteration, `diagnose` whenever you like, `close` at the end."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        opt_G: Optimizer | None = None,
        opt_D: Optimizer | None = None,
        *,
        every: int = 25,
        language: Language = "en",
        announces: bool = True,
        record: Asked | None = None,
    ) -> None:
        """
        Args:
            record: what to write into a run folder; unset: nothing.
        """
        self._every = every
        self._language = language
        self._announces = announces
        self._suspected: set[str] = set()
        self._announced: set[str] = set()
        self._observer = Observer(generator, discriminator)
        networks: dict[Role, nn.Module] = {"G": generator, "D": discriminator}
        self._evidence = Evidence(networks, {"G": opt_G, "D": opt_D})
        self._recorder: Recorder | None = None
        weakref.finalize(self, self._observer.remove).atexit = False
        self._finish: weakref.finalize[..., Watch] | None = None
        if record is not None:
            subject = Subject(self._observer.guard, generator)
            self._recorder = Recorder(record, subject, networks, {"G": opt_G, "D": opt_D})
            # Also where the loop is interrupted and nobody closes: as the watch is forgotten, or Python ends.
            self._finish = weakref.finalize(self, _finish, self._recorder, self._evidence, language)
        self._closed = False
        self._failed = False
        self._looks: Counter[Role] = Counter()
        """Looked-at iterations with a step of a network; those since the last look began."""
        self._begin()

    @property
    def iterations(self) -> int:
        """Calls of `step` so far."""
        return self._evidence.count

    @property
    def path(self) -> Path | None:
        """The run folder that is written; None without `out`, and before the networks were seen."""
        return None if self._recorder is None else self._recorder.path

    def step(
        self, loss_D: float | Tensor | None = None, loss_G: float | Tensor | None = None, **losses: float | Tensor
    ) -> None:
        """Note the end of an iteration of the loop.

        Args:
            loss_D, loss_G: the networks' losses, tensors of one number or floats; one that was not computed in this iteration is
                left out.
            losses: other names for the two (errD, d_loss, critic_loss, ...).

        Raises:
            UsageError: a loss that is not one number, a name that is neither network's, or the watch is closed.
        """
        if self._closed:
            raise UsageError("watch.step: this watch is closed; make a new one with ganatomy.watch(G, D, ...)")
        given: dict[Role, float | Tensor] = {}
        for name, loss in {"loss_D": loss_D, "loss_G": loss_G, **losses}.items():
            if loss is None:
                continue
            if isinstance(loss, Tensor) and loss.numel() != 1:
                shape = " x ".join(map(str, loss.shape))
                raise UsageError(f"watch.step: {name} is a tensor of {shape}; give one number, such as its mean()")
            given[role_of(name)] = loss
        if self._observer.failure is not None:
            self._give_up()
            return
        iteration = self._observer.end(given)
        self._check_finite(iteration)
        for role in self._evidence.stepping:
            self._evidence.stepping[role] = self._observer.stepping(role)
        self._evidence.graded, self._evidence.used = self._observer.graded, self._observer.used
        self._evidence.divides, self._evidence.numbers = self._observer.divides, self._observer.numbers
        if self._observer.looking:
            self._looks.update(role for role in self._evidence.networks if iteration.steps(role))
        self._evidence.add(iteration, self._observer.looking)
        if self._announces and self._observer.looking and self.iterations >= LOOKED_FIRST - 1:
            self._announce()
        if self._recorder is not None:
            self._record(self._recorder, iteration, given)
        self._begin()

    def _record(self, recorder: Recorder, iteration: Iteration, losses: dict[Role, float | Tensor]) -> None:
        try:
            recorder.step(iteration, losses, self._observer.looking, self._evidence.stepping)
        except Exception as error:  # such as of a full disk: it costs no training
            self._recorder = None
            if self._finish is not None:
                self._finish.detach()
            with contextlib.suppress(Exception):
                recorder.abandon()
            say(self._language, "stopped-recording", error=told(error))

    def diagnose(self) -> Findings:
        """The mistakes that show in what was seen so far: a list, errors first. Empty where nothing shows."""
        return diagnosed(self._evidence, self._language)

    def _announce(self) -> None:
        """Print an error once it has shown in two looks one after the other."""
        try:
            found = self.diagnose()
        except Exception as error:  # a rule that meets what it was not made for costs no training
            self._observer.fail(error)
            return
        errors = {each.name: each for each in found if each.severity == "error"}
        for name in errors.keys() & self._suspected - self._announced:
            print(errors[name].text(self._language), file=sys.stderr)
            self._announced.add(name)
        self._suspected = set(errors)

    def close(self) -> None:
        """Remove all hooks, and end the recording. What was seen can still be diagnosed."""
        if not self._closed:
            self._closed = True
            self._observer.remove()
            self._end_recording()

    def _end_recording(self) -> None:
        if self._finish is not None:
            self._finish()

    def _give_up(self) -> None:
        """Say once that an error ended the watching, and let the training go on."""
        if not self._closed and not self._failed:
            self._failed = True
            self._observer.remove()
            assert self._observer.failure is not None
            say(self._language, "stopped-watching", error=told(self._observer.failure))
            self._end_recording()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> None:
        number = self._evidence.count + 1
        self._observer.begin(number, self._looks_at(number))

    def _looks_at(self, number: int) -> bool:
        """Whether an iteration is looked at: the first ones, and later one in `every`, until both networks have stepped.

        Where G steps in every fifth iteration alone, a look takes that long.
        """
        wanted = LOOKED_FIRST if number <= PATIENCE else 1
        if number <= LOOKED_FIRST:
            return True
        if number % self._every == 0:
            self._looks.clear() if number > PATIENCE else None
            return True
        lacking = any(self._looks[role] < wanted for role in self._evidence.networks)
        return lacking and number % self._every < 10 if number > PATIENCE else lacking

    def _check_finite(self, iteration: Iteration) -> None:
        if self._evidence.not_finite is not None:
            return
        for role, loss in iteration.losses.items():
            if not math.isfinite(loss):
                self._evidence.not_finite = iteration.number, f"loss_{role} ({loss})", iteration.line
                return
        for call in iteration.judged:
            if not bool(torch.isfinite(call.scores).all()):
                self._evidence.not_finite = iteration.number, "a score of D", call.line
                return


def diagnosed(evidence: Evidence, language: Language) -> Findings:
    """The mistakes that show in evidence, errors first."""
    rules = all_rules()
    found = {name: this for name, rule in rules.items() if (this := rule.check(evidence)) is not None}
    # What follows from another finding is left out, and so are states that an error leads to.
    hidden = {name for finding in found for name in getattr(rules[finding], "HIDES", ())}
    if any(rules[name].SEVERITY == "error" for name in found):
        hidden |= {name for name, rule in rules.items() if getattr(rule, "IS_STATE", False)}
    findings = [Finding.of(name, rules[name].SEVERITY, this) for name, this in found.items() if name not in hidden]
    findings.sort(key=lambda each: SEVERITIES.index(each.severity))
    return Findings(findings, evidence.count, language)


def _finish(recorder: Recorder, evidence: Evidence, language: Language) -> None:
    """End a recording; an error costs what was to be written last."""
    findings, seen = None, {}
    try:
        seen = facts.at_last(evidence)
        findings = diagnosed(evidence, language)
    except Exception as error:  # of a rule that meets what it was not made for
        say(language, "not-diagnosed", error=told(error))
    try:
        recorder.close(findings, seen)
    except Exception as error:
        say(language, "not-ended", error=told(error))
