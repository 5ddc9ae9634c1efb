"""The GAN loss in its non-saturating form (Goodfellow et al. 2014, arXiv 1406.2661)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from ganatomy.objectives.base import Batch, Critic, Objective


class NonSaturating(Objective):
    """D: -E log D(x) - E log(1 - D(G(z))).  G: -E log D(G(z)).

    With D = sigmoid(score), -log D = softplus(-score) and -log(1 - D) = softplus(score): the lab's BCELoss with labels
    of ones and zeros, and finite where log(0) is not.
    """

    name: ClassVar[str] = "nonsaturating"
    probability: ClassVar[bool] = True

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"real": softplus(-critic(batch.real)).mean(), "fake": softplus(critic(batch.fake)).mean()}

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"fake": softplus(-critic(batch.fake)).mean()}
