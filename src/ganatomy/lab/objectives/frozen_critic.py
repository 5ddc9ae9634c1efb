"""The GAN loss with a D that stops learning: what G makes of an opponent that stands still."""

from __future__ import annotations

from typing import Annotated, ClassVar

from annotated_types import Ge, Le
from torch import Tensor

from ganatomy.objectives.base import Batch, Critic
from ganatomy.objectives.nonsaturating import NonSaturating


class FrozenCritic(NonSaturating):
    """D: -E log D(x) - E log(1 - D(G(z))), without a gradient after a share of the training.  G: -E log D(G(z)).

    From then on D's loss is logged as before, and D stays as it is.
    """

    name: ClassVar[str] = "frozen_critic"

    until: Annotated[float, Ge(0), Le(1)] = 1.0
    """The share of the training in which D learns, 0 to 1; 0: D stays as it was made."""

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        terms = super().critic_loss(critic, batch)
        if batch.progress < self.until:
            return terms
        return {name: term.detach() + 0 * term for name, term in terms.items()}
