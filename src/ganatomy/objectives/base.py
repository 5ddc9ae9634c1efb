"""What every objective has: the critic's loss and the generator's, as named terms, and what the loop must do for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from math import prod
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn

from ganatomy.plugin.settings import Settings

Critic = Callable[[Tensor], Tensor]
"""Images, N x C x H x W, to raw scores, N x scores. Labels are bound where the model is conditional."""


class Batch:
    """What a loss is computed from.

    Attributes:
        real: real images, N x C x H x W.
        fake: generated images, N x C x H x W; without a graph in `critic_loss`, with one in `generator_loss`.
        noise: the z that the fakes were made from, N x latent.
        labels: the classes of the reals, N, int64; a conditional model makes the fakes for them too. None where the data
            has no classes.
    """

    def __init__(
        self,
        real: Tensor,
        fake: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        progress: float | Callable[[], float] = 0.0,
    ) -> None:
        self.real = real
        self.fake = fake
        self.noise = noise
        self.labels = labels
        self._progress = progress

    @property
    def progress(self) -> float:
        """How much of the run is done, from 0 to 1.

        Raises:
            UsageError: the run's length is given in seconds, so that no update knows its place.
        """
        return self._progress() if callable(self._progress) else self._progress


class Objective(Settings, ABC):
    """A loss for each of the two networks. The trainer sums the named terms, steps down their gradient, and logs each.

    The annotated fields of a subclass are its settings; the class attributes declare what the trainer does and what the
    contract tests (`ganatomy.testing.check_objective`) may expect.
    """

    name: ClassVar[str]
    probability: ClassVar[bool] = False
    """Whether sigmoid(score) is a probability; then that is logged instead of the raw score."""
    scores: ClassVar[Literal["one", "pixels", "classes"]] = "one"
    """What D returns for an image: `one` score, one for each of its `pixels`, or a score and then a logit for each of the
    `classes`."""
    separates: ClassVar[bool] = True
    """Whether D learns to score real images above fakes, and G to raise the scores of its fakes. False for a loss whose scores
    mean something else."""
    real_range: ClassVar[tuple[float, float] | None] = None
    """The range that real images must have for this loss to be defined; None: any."""
    deterministic: ClassVar[bool] = True
    """Whether the same batch always has the same loss. A loss that draws random numbers sets it to False; it draws them from
    torch's global generator, which the trainer seeds for every update."""
    needs_labels: ClassVar[bool] = False
    """Whether `batch.labels` must be there; data without classes is then an error."""
    per_image: ClassVar[bool] = True
    """Whether the loss is a mean over the rows of a batch (a real image, a fake one, a label), so that a batch's loss is the mean
    of its halves' losses. False for losses that rank images or compare them with the rest of the batch."""

    critic_steps: Annotated[int, Ge(1), Le(1000)] = 1
    """Updates of D for each update of G; 1 to 1,000."""
    shares_real_batch: bool = False
    """Whether all critic steps of one update see the same batch of real images (fresh noise each), or a new batch each."""

    @abstractmethod
    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        """Named terms of D's loss, scalars; each a mean over the batch.

        `critic` may be called on any images, any number of times, and differentiated twice.
        """

    @abstractmethod
    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        """Named terms of G's loss, scalars. The gradient flows through `batch.fake`; `batch.real` is the last critic step's."""

    def constrain(self, parameters: Iterable[nn.Parameter]) -> None:
        """Called with D's parameters after each critic step: the place to clip them."""
        return

    def score_count(self, shape: tuple[int, int, int], classes: int = 0) -> int:
        """Numbers that D has for one image of a shape (height, width, channels) of data with that many classes."""
        return {"one": 1, "pixels": prod(shape), "classes": 1 + classes}[self.scores]

    def shown_scores(self, scores: Tensor) -> Tensor:
        """Of D's numbers, N x scores, those that are logged as its scores: as probabilities where `probability` says so."""
        shown = scores[:, :1] if self.scores == "classes" else scores
        return torch.sigmoid(shown) if self.probability else shown
