"""The lab report's GAN, to the letter: D's targets are the images themselves. It runs, and D never learns to tell."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from ganatomy.objectives.base import Batch, Critic, Objective


class ImageTarget(Objective):
    """D: BCE(D(x), x) + BCE(D(G(z)), x), one output a pixel.  G: BCE(D(G(z)), 1).

    The first term teaches D to copy its input; the second pairs each fake with an unrelated real image, so the best D
    can do is the mean image. Nothing in the loss asks which input was real.
    """

    name: ClassVar[str] = "image_target"
    probability: ClassVar[bool] = True
    separates: ClassVar[bool] = False
    scores: ClassVar[Literal["one", "pixels"]] = "pixels"
    real_range: ClassVar[tuple[float, float] | None] = (0.0, 1.0)

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        target = batch.real.flatten(1)
        return {
            "real": binary_cross_entropy_with_logits(critic(batch.real), target),
            "fake": binary_cross_entropy_with_logits(critic(batch.fake), target),
        }

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"fake": softplus(-critic(batch.fake)).mean()}
