"""What rules look at: the networks, the optimisers that were given, and the iterations that were looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn
from torch.optim import Optimizer

from ganatomy.watching import source
from ganatomy.watching.seen import Iteration, Judged, Kind, Line, Role, Stepped, Units, Written

FIRST = 30
"""Iterations at the beginning that are kept for ever."""
LAST = 30
"""Of the later ones, those that are kept."""
CLIPPED = 10
"""Steps that clipping is looked for in."""
VARIED = 1e-3
"""Standard deviation of scores above which the slopes of a loss that is not linear differ."""


@dataclass
class Evidence:
    """All that was seen of a loop so far."""

    networks: Mapping[Role, nn.Module]
    optimizers: Mapping[Role, Optimizer | None]
    iterations: list[Iteration] = field(default_factory=list)
    """Those that were looked at: the first and the last."""
    count: int = 0
    """All iterations."""
    steps_of: Counter[Role] = field(default_factory=Counter)
    """Optimiser steps of a network, in all iterations."""
    losses_of: Counter[Role] = field(default_factory=Counter)
    """Iterations in which a network's loss was given."""
    stepping: dict[Role, list[Optimizer]] = field(default_factory=lambda: {"G": [], "D": []})
    """The optimisers whose steps were seen, of each network."""
    numbers: dict[int, int] = field(default_factory=dict)
    """{id of an optimiser: its number in `Stepped`}."""
    graded: dict[Role, set[str]] = field(default_factory=lambda: {"G": set(), "D": set()})
    """The parameters that had a gradient when their network's optimiser stepped."""
    used: dict[Role, dict[int, nn.Parameter]] = field(default_factory=lambda: {"G": {}, "D": {}})
    """The parameters that a network's output was computed from, by id."""
    divides: bool = False
    """Whether D divides on its way to the scores, as one that normalises its own weights does."""
    not_finite: tuple[int, str, Line | None] | None = None
    """The first iteration with a value that is not finite, and what it was."""

    def add(self, iteration: Iteration, looked: bool) -> None:
        self.count += 1
        for role in self.networks:
            self.steps_of[role] += len(iteration.steps(role))
            self.losses_of[role] += role in iteration.losses
        if looked:
            self.iterations.append(iteration)
            if len(self.iterations) > FIRST + LAST:
                del self.iterations[FIRST]

    # ---- what happened

    def steps(self, role: Role) -> list[Stepped]:
        return [step for each in self.iterations for step in each.steps(role)]

    def written(self, role: Role) -> list[Written]:
        """After each step of a network: whether something else wrote its weights."""
        return [e for each in self.iterations for e in each.events if isinstance(e, Written) and e.role == role]

    def units(self, role: Role) -> list[tuple[int, Units]]:
        return [
            (each.number, e) for each in self.iterations for e in each.events if isinstance(e, Units) and e.role == role
        ]

    def pushed(self, role: Role) -> list[tuple[Iteration, Judged, Tensor]]:
        """(iteration, call of D, dloss/dscore) of the backward passes of a network's loss."""
        return [(each, call, push) for each in self.iterations for call, push in each.pushed(role)]

    def direction(self, role: Role, kind: Kind) -> float:
        """Where a network's loss pushes the scores of "fake" or "other" images: from -1, down, to 1, up; 0 where it does not.

        Pushes are weighed by their size: those of a least-squares loss change sign at its target, where they are small.
        """
        total = size = 0.0
        iterations = set()
        for each, call, push in self.pushed(role):
            rows = _rows(call, kind)
            if rows is not None:
                total -= push[rows].sum().item()
                size += push[rows].abs().sum().item()
                iterations.add(each.number)
        return total / size if size > 0 and len(iterations) >= 3 else 0.0

    def push_line(self, role: Role) -> Line | None:
        """The line of the last backward pass of a network's loss."""
        lines = [this.line for each in self.iterations for this in each.passes if this.role == role]
        return lines[-1] if lines else None

    def last_line(self, role: Role, by: Optimizer | None = None) -> Line | None:
        """The line of a network's last step, or of the last one by an optimiser."""
        steps = [step for step in self.steps(role) if by is None or step.optimizer == self.numbers.get(id(by))]
        return steps[-1].line if steps else None

    # ---- what is done to weights and images

    def is_clipped(self, role: Role) -> bool:
        """Whether weights are cut off at a bound after the network's last steps: at first they may not reach it."""
        written = self.written(role)[-CLIPPED:]
        changed = [each for each in written if each.changed]
        bounds = [each.largest for each in changed]
        return (
            len(changed) >= 3
            and len(changed) >= 0.5 * len(written)
            and all(each.at_largest >= 3 for each in changed)
            and max(bounds) <= min(bounds) * (1 + 1e-5)
        )

    @property
    def clipping(self) -> Line | None:
        """The line of the user's file that clamps weights."""
        lines = (getattr(event, "line", None) for each in self.iterations for event in each.events)
        files = {line.file for line in lines if line is not None}
        return next((line for line in map(source.clipping, sorted(files)) if line is not None), None)

    @property
    def is_noisy(self) -> bool:
        """Whether D sees G's images with something added."""
        return any(call.kind != "other" and not call.exact for each in self.iterations for call in each.judged)

    # ---- what kind of loss it is

    @property
    def slopes(self) -> list[tuple[Judged, Tensor]]:
        """(call of D, dloss/dscore) of D's loss, one score an image."""
        return [(call, push) for _, call, push in self.pushed("D") if call.scores.shape[1] == 1]

    @property
    def is_wasserstein(self) -> bool:
        """Whether D's loss is linear in the scores: +-c for each, whatever they are, also beyond the margins of a hinge."""
        slopes = self.slopes
        if len(slopes) < 6:
            return False
        for _, push in slopes:
            size = push.abs()
            if size.max() == 0 or size.max() - size.min() > 1e-4 * size.max():
                return False
        if self._is_linear_by_value:
            return True
        # Of scores that are all the same every loss has equal slopes.
        varied = [(call, push) for call, push in slopes if len(call.scores) > 1 and call.scores.std() > VARIED]
        # A hinge is flat where a score is beyond its margin on the right side.
        beyond = any(bool((-push * call.scores > push.abs()).any()) for call, push in varied)
        return beyond or (self.penalises and bool(varied))

    @property
    def _is_linear_by_value(self) -> bool:
        """Whether D's loss is the difference of the mean scores, which tells it from a hinge inside its margins."""
        hits = tries = 0
        for each in self.iterations:
            calls = [(call, push) for call, push in each.pushed("D") if call.scores.shape[1] == 1]
            if not calls or "D" not in each.losses:
                continue
            # The last critic step's calls: one for reals and one for fakes, or one for both.
            last = calls[-1:] if calls[-1][0].kind == "mixed" else calls[-2:]
            value = sum((push * call.scores).sum().item() for call, push in last)
            tries += 1
            hits += abs(abs(value) - abs(each.losses["D"])) <= 1e-3 * abs(each.losses["D"]) + 1e-6
        return tries >= 3 and hits >= 0.8 * tries

    @property
    def penalises(self) -> bool:
        """Whether the slope of D's scores is part of its loss, as in WGAN-GP: a pass that reached scores and no weights."""
        for each in self.iterations:
            known = {this.number for this in each.passes}
            if any(number not in known for call in each.judged for number, _ in call.pushes):
                return True
        return False

    @property
    def is_constrained(self) -> bool:
        """Whether D's layers are normalised, as by spectral_norm."""
        return self.divides or any(
            hasattr(module, "parametrizations")
            or any(name.endswith("_orig") for name, _ in module.named_parameters(recurse=False))
            for module in self.networks["D"].modules()
        )


def _rows(call: Judged, kind: Kind) -> slice | None:
    if call.kind == "mixed":
        return call.fakes if kind == "fake" else call.reals
    return slice(None) if call.kind == kind else None
