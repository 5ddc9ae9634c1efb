"""How a batch is shared out among the processes that train together."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Shard:
    """The rows of a batch that one process has: from `start` to before `stop`, of `total`."""

    start: int
    stop: int
    total: int

    @classmethod
    def of(cls, total: int, rank: int, size: int) -> Shard:
        """The rows of one of `size` processes; no two have numbers of rows that differ by more than one."""
        return cls(total * rank // size, total * (rank + 1) // size, total)

    @property
    def rows(self) -> slice:
        return slice(self.start, self.stop)

    @property
    def share(self) -> float:
        """Of the batch, 0 to 1. A loss that is a mean over this shard is worth so much of the whole batch's."""
        return (self.stop - self.start) / self.total

    def weigh(self, mean: Tensor) -> Tensor:
        """A mean over this shard, so that the sum over all shards is the mean over the batch; 0 for an empty shard."""
        # The mean over no rows is not a number, and neither is its product with 0.
        return mean * self.share if self.share else torch.zeros_like(mean)
