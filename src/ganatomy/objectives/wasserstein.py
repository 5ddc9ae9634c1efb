"""The Wasserstein loss with weight clipping (Arjovsky, Chintala & Bottou 2017, arXiv 1701.07875)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn

from ganatomy.objectives.base import Critic, Objective


@dataclass(frozen=True, kw_only=True)
class Wasserstein(Objective):
    """Critic: -(E D(x) - E D(G(z))).  G: -E D(G(z)).  The critic's weights are clamped to [-clip, clip]."""

    name: ClassVar[str] = "wasserstein"

    critic_steps: Annotated[int, Ge(1), Le(1000)] = 5
    """Updates of the critic for each update of G, 1 to 1,000; the paper's and the lab's 5."""
    clip: Annotated[float, Gt(0)] = 0.01
    """Bound of every weight of the critic after each of its steps; above 0, for 0 would leave a critic that gives 0."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        return {"real": -critic(real).mean(), "fake": critic(fake).mean()}

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        return {"fake": -critic(fake).mean()}

    @torch.no_grad()
    def constrain(self, parameters: Iterable[nn.Parameter]) -> None:
        for parameter in parameters:
            parameter.clamp_(-self.clip, self.clip)
