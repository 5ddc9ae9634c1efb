"""The lab report's DCGAN, to the letter: D's target is the image's mean brightness. It runs, and D regresses brightness."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from ganatomy.objectives.base import Batch, Critic, Objective


class BrightnessTarget(Objective):
    """D: BCE(D(x), mean(x)) + BCE(D(G(z)), mean(x)).  G: BCE(D(G(z)), 1).

    The target of a fake is the brightness of an unrelated real image. G is rewarded for what D takes for a bright
    image, not for a real one.
    """

    name: ClassVar[str] = "brightness_target"
    probability: ClassVar[bool] = True
    separates: ClassVar[bool] = False
    real_range: ClassVar[tuple[float, float] | None] = (0.0, 1.0)

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        target = batch.real.mean(dim=(1, 2, 3)).unsqueeze(1)
        return {
            "real": binary_cross_entropy_with_logits(critic(batch.real), target),
            "fake": binary_cross_entropy_with_logits(critic(batch.fake), target),
        }

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"fake": softplus(-critic(batch.fake)).mean()}
