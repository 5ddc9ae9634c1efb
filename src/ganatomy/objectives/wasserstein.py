"""The Wasserstein loss with weight clipping (Arjovsky, Chintala & Bottou 2017, arXiv 1701.07875)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn

from ganatomy.objectives.base import Batch, Critic, Objective


class Wasserstein(Objective):
    """Critic: -(E D(x) - E D(G(z))).  G: -E D(G(z)).  The critic's weights are clamped to [-clip, clip]."""

    name: ClassVar[str] = "wasserstein"

    critic_steps: Annotated[int, Ge(1), Le(1000)] = 5
    """Updates of the critic for each update of G, 1 to 1,000; the paper's and the lab's 5."""
    clip: Annotated[float, Gt(0)] = 0.01
    """Bound of every weight of the critic after each of its steps; above 0, because 0 would leave a critic that always returns 0."""

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"real": -critic(batch.real).mean(), "fake": critic(batch.fake).mean()}

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"fake": -critic(batch.fake).mean()}

    @torch.no_grad()
    def constrain(self, parameters: Iterable[nn.Parameter]) -> None:
        for parameter in parameters:
            parameter.clamp_(-self.clip, self.clip)
