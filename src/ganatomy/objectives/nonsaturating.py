"""The GAN loss in its non-saturating form (Goodfellow et al. 2014, arXiv 1406.2661)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from annotated_types import Ge, Lt
from torch import Tensor
from torch.nn.functional import softplus

from ganatomy.objectives.base import Batch, Critic, Objective


class NonSaturating(Objective):
    """D: -E log D(x) - E log(1 - D(G(z))).  G: -E log D(G(z)).

    With D = sigmoid(score), -log D = softplus(-score) and -log(1 - D) = softplus(score): the lab's BCELoss with labels
    of ones and zeros, and finite where log(0) is not. With smoothing s, D's target for real images is 1 - s:
    -(1 - s) E log D(x) - s E log(1 - D(x)).
    """

    name: ClassVar[str] = "nonsaturating"
    probability: ClassVar[bool] = True

    smoothing: Annotated[float, Ge(0), Lt(0.5)] = 0.0
    """One-sided label smoothing (Salimans et al. 2016, arXiv 1606.03498): D's target for real images is 1 - smoothing; in [0, 0.5)."""

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        scores = critic(batch.real)
        real = softplus(-scores).mean()
        if self.smoothing:
            # (1 - s) softplus(-score) + s softplus(score), because softplus(score) = softplus(-score) + score.
            real = real + self.smoothing * scores.mean()
        return {"real": real, "fake": softplus(critic(batch.fake)).mean()}

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"fake": softplus(-critic(batch.fake)).mean()}
