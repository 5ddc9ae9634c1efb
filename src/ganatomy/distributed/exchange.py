"""From each process's gradients to those of the whole batch, in one exchange after each backward pass."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from ganatomy.distributed import Group
from ganatomy.distributed.shards import Shard
from ganatomy.distributed.signals import StopRequest

SIGNALS = (signal.SIGTERM, signal.SIGINT)

READ_EVERY = 16
"""Updates between two looks at a GPU's counts of signals: each waits for the GPU. A process that got one keeps saying so."""


class Exchange:
    """Adds up over the processes all that one update needs, as one flat tensor.

    That is: gradients | running statistics | loss terms | how many processes got which signal. The last makes all
    of them stop after the same update, whenever the signal reached each.
    """

    def __init__(self, group: Group, stop: StopRequest) -> None:
        self.group = group
        self._stop = stop
        self._signals = torch.zeros(len(SIGNALS))
        self._asked = 0

    def stopped_by(self) -> int | None:
        """The signal after which all processes stop, as of the last exchange; None: none. To be asked once an update."""
        if self.group.size == 1:
            return self._stop.signal_number
        self._asked += 1
        if self._signals.is_cuda and self._asked % READ_EVERY:
            return None
        counts = self._signals.tolist()
        return next((number for number, count in zip(SIGNALS, counts, strict=True) if count), None)

    @torch.no_grad()
    def whole(
        self, shard: Shard, parameters: Iterable[nn.Parameter], terms: dict[str, Tensor], statistics: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """The loss terms of the whole batch; gradients and statistics become the whole batch's in place.

        Args:
            shard: the rows that this process's loss is the mean of; its gradients are of the loss weighed with it.
            parameters: their `grad`, where they have one.
            terms: scalars, means over the shard.
            statistics: float tensors that are averaged over the processes, each weighed by its rows.
        """
        if self.group.size == 1:
            return {name: term.detach() for name, term in terms.items()}
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        like = gradients[0]
        signals = like.new_tensor([float(self._stop.signal_number == number) for number in SIGNALS])
        pieces = [
            *gradients,
            *(shard.weigh(statistic) for statistic in statistics),
            *(shard.weigh(term.detach().to(like.dtype)) for term in terms.values()),
            signals,
        ]
        flat = self.group.sum(torch.cat([piece.reshape(-1).to(like.dtype) for piece in pieces]))
        summed = [
            values.view_as(piece)
            for values, piece in zip(flat.split([piece.numel() for piece in pieces]), pieces, strict=True)
        ]
        # Copied back, because an optimiser may rely on the memory layout of autograd's gradient.
        into = [*gradients, *statistics]
        torch._foreach_copy_(into, summed[: len(into)])
        # Copies, because a view would hold all of `flat` until the next update.
        self._signals = summed[-1].clone()
        return {name: term.clone() for name, term in zip(terms, summed[len(into) : -1], strict=True)}
