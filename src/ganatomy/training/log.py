"""What one logged update tells: losses and their terms, scores, gradient norms. Copied from the device only then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ganatomy import randomness
from ganatomy.errors import UsageError

if TYPE_CHECKING:
    from ganatomy.distributed import Group, Shard
    from ganatomy.objectives import Batch, Objective
    from ganatomy.training.players import Player, Players


class ScoredCritic:
    """D as a loss calls it, with the batch's labels bound; it remembers the scores of the batch's real and fake images."""

    def __init__(self, discriminator: Player, batch: Batch, labels: Tensor | None) -> None:
        """`labels`: those of the batch where the model is conditional, else None."""
        self._discriminator = discriminator
        self._watched = {"real": batch.real, "fake": batch.fake}
        self._labels = labels
        self.scores: dict[str, Tensor] = {}

    def __call__(self, images: Tensor) -> Tensor:
        """Images, N x C x H x W, to raw scores, N x scores.

        Where the model is conditional, N is the batch's number of images or a multiple of it (real and fake, concatenated).
        """
        scores = self._discriminator(images, self._labels_for(images))
        for name, watched in self._watched.items():
            if _are_same(images, watched):
                self.scores[name] = scores.detach()
        return scores

    def complete(self, seed: int, update: int) -> None:
        """Score what the loss showed to D in another form only (mixed, cropped, noised): on a copy, so nothing changes."""
        for name in self._watched.keys() - self.scores.keys():
            with randomness.global_seed(seed, f"log/{name}", update):
                self.scores[name] = self._discriminator.apart(self._watched[name], self._labels)

    def _labels_for(self, images: Tensor) -> Tensor | None:
        labels = self._labels
        if labels is None or len(labels) == len(images):
            return labels
        if len(labels) == 0 or len(images) % len(labels):
            raise UsageError(
                f"the critic was called on {len(images)} images, and the batch has {len(labels)} labels; call it on as many "
                "images as the batch has, or on a multiple (torch.cat([batch.real, batch.fake]))"
            )
        return labels.repeat(len(images) // len(labels))


def _are_same(images: Tensor, watched: Tensor) -> bool:
    """Whether these are the same values: the tensor itself, or a view such as `detach()` makes."""
    if images is watched:
        return True
    if images.shape != watched.shape or images.stride() != watched.stride():
        return False
    try:
        return images.data_ptr() == watched.data_ptr()
    except RuntimeError:  # inside torch.func's transforms a tensor has no memory of its own
        return False


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


def step_values(
    outcome: Outcome, players: Players, means: EpochMeans, objective: Objective, group: Group
) -> dict[str, float]:
    """The values of a log line; the processes of a group ask for them together.

    `loss/PLAYER` is the last step's sum of terms, `loss/PLAYER/TERM` each of them; `score/real` and `score/fake` the
    mean D(x) and D(G(z)) before D's last step, as probability where D has one, else raw; `grad/PLAYER` the Euclidean
    norm of the last gradient; `epoch_mean/PLAYER` the loss's mean over the epoch so far.
    """
    values: dict[str, Tensor] = {}
    for player, terms in (("discriminator", outcome.critic_terms), ("generator", outcome.generator_terms)):
        values[f"loss/{player}"] = torch.stack(list(terms.values())).sum()
        values |= {f"loss/{player}/{name}": term for name, term in terms.items()}
    for name, scores in sorted(outcome.scores.items(), reverse=True):
        values[f"score/{name}"] = group.sum(outcome.shard.weigh(objective.shown_scores(scores).mean()))
    for network in (players.discriminator, players.generator):
        values[f"grad/{network.role}"] = network.gradient_norm
    copied = torch.stack([value.detach().float() for value in values.values()]).tolist()
    epoch_means = {f"epoch_mean/{player}": mean for player, mean in means.means().items()}
    return {**dict(zip(values, copied, strict=True)), **epoch_means}
