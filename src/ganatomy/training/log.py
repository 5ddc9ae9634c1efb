"""What one logged update has: losses and their terms, scores, gradient norms. Copied from the device only then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ganatomy.config.timeline import Timeline
    from ganatomy.distributed import Group, Shard
    from ganatomy.objectives import Objective
    from ganatomy.training.players import Players


class EpochMeans:
    """The lab's printed losses: means over the epoch so far, each player's over its own steps."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def clear(self) -> None:
        self._sums, self._counts = {}, {}

    def add(self, player: str, loss: Tensor) -> None:
        self._sums[player] = self._sums.get(player, 0.0) + loss.double()
        self._counts[player] = self._counts.get(player, 0) + 1

    def means(self) -> dict[str, float]:
        return {player: total.item() / self._counts[player] for player, total in self._sums.items()}

    def state(self) -> dict[str, Any]:
        """As JSON; float64 sums come back to the same bits."""
        return {player: [total.item(), self._counts[player]] for player, total in self._sums.items()}

    def restore(self, state: dict[str, Any]) -> None:
        self._sums = {player: torch.tensor(total, dtype=torch.float64) for player, (total, _) in state.items()}
        self._counts = {player: count for player, (_, count) in state.items()}


@dataclass(frozen=True)
class Outcome:
    """What one update left to be measured, still on the device."""

    critic_terms: dict[str, Tensor]
    """The loss terms of D's last step."""
    generator_terms: dict[str, Tensor]
    scores: dict[str, Tensor]
    """D's raw scores of the `real` and the `fake` batch in its last step, before that step."""
    shard: Shard
    """The rows of the batch that these scores are of; the terms are the whole batch's."""


class Log:
    """The values of a run's log lines."""

    def __init__(self, objective: Objective, players: Players, group: Group, timeline: Timeline) -> None:
        self.means = EpochMeans()
        self._objective = objective
        self._players = players
        self._group = group
        self._timeline = timeline
        self.begin(0, 0.0)

    def begin(self, update: int, seconds: float) -> None:
        """Count the images a second from here."""
        self._images, self._seconds = self._timeline.images(update), seconds

    def values(self, outcome: Outcome, update: int, seconds: float) -> dict[str, float]:
        """What a log line has; the processes of a group ask for it together.

        `loss/PLAYER` is the last step's sum of terms, `loss/PLAYER/TERM` each of them; `score/real` and `score/fake` the
        mean D(x) and D(G(z)) before D's last step, as probability where D has one, else raw; `grad/PLAYER` the Euclidean
        norm of the last gradient; `epoch_mean/PLAYER` the loss's mean over the epoch so far; `speed/images_per_second`
        the real images that D saw since the last line.
        """
        values: dict[str, Tensor] = {}
        for player, terms in (("discriminator", outcome.critic_terms), ("generator", outcome.generator_terms)):
            values[f"loss/{player}"] = torch.stack(list(terms.values())).sum()
            values |= {f"loss/{player}/{name}": term for name, term in terms.items()}
        for name, scores in sorted(outcome.scores.items(), reverse=True):
            shown = self._objective.shown_scores(scores).mean()
            values[f"score/{name}"] = self._group.sum(outcome.shard.weigh(shown))
        for network in (self._players.discriminator, self._players.generator):
            values[f"grad/{network.role}"] = network.gradient_norm
        copied = torch.stack([value.detach().float() for value in values.values()]).tolist()
        epoch_means = {f"epoch_mean/{player}": mean for player, mean in self.means.means().items()}
        speed = (self._timeline.images(update) - self._images) / (seconds - self._seconds)
        self.begin(update, seconds)
        return {**dict(zip(values, copied, strict=True)), **epoch_means, "speed/images_per_second": speed}
