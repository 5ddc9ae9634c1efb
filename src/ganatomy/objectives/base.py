"""What every objective gives: the critic's loss and the generator's, as named terms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le
from torch import Tensor, nn

from ganatomy.plugin.settings import Settings

Critic = Callable[[Tensor], Tensor]
"""Images, N x C x H x W, to raw scores, N x scores."""


@dataclass(frozen=True, kw_only=True)
class Objective(Settings, ABC):
    """A loss for each player. The trainer sums the named terms and logs each; what it must do besides is declared here."""

    name: ClassVar[str]
    probability: ClassVar[bool] = False
    """Whether sigmoid(score) is a probability; then that is logged, not the raw score."""
    scores: ClassVar[Literal["one", "pixels"]] = "one"
    """How many scores an image D gives: one, or one a pixel."""
    real_range: ClassVar[tuple[float, float] | None] = None
    """The range that real images must have for this loss to be defined; None: any."""

    critic_steps: Annotated[int, Ge(1), Le(1000)] = 1
    """Updates of D for each update of G; 1 to 1,000."""
    shares_real_batch: bool = False
    """Whether all critic steps of one update see the same batch of real images (fresh noise each), or a new batch each."""

    @abstractmethod
    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Named terms of D's loss, scalars. `real` and `fake`: N x C x H x W; `fake` carries no graph."""

    @abstractmethod
    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Named terms of G's loss, scalars. The gradient flows through `fake`; `real` is the last critic step's batch."""

    def constrain(self, parameters: Iterable[nn.Parameter]) -> None:
        """Called with D's parameters after each critic step."""
        return

    def score_count(self, shape: tuple[int, int, int]) -> int:
        """Numbers that D gives for one image of that shape (height, width, channels)."""
        return prod(shape) if self.scores == "pixels" else 1
