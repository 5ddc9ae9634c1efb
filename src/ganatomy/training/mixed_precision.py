"""The copy of a network that computes in bfloat16, while float32 weights are updated (Micikevicius et al. 2018, arXiv 1710.03740).

bfloat16 has float32's range, so losses need no scaling. Autocast does the same, but casts every weight at each use; here
once an update does.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class WorkingCopy:
    """A copy of a network whose weights are bfloat16; it computes what the original, float32, is updated by.

    BatchNorm's weights, and all buffers, are the original's own tensors: sums over a batch stay float32. Images,
    noise and scores are float32 outside.
    """

    def __init__(self, network: nn.Module) -> None:
        kept = {id(buffer): buffer for buffer in network.buffers()}
        for module in network.modules():
            if isinstance(module, _BatchNorm):
                kept |= {id(parameter): parameter for parameter in module.parameters(recurse=False)}
        self.network = copy.deepcopy(network, kept)
        self.parameters = list(self.network.parameters())
        pairs = list(zip(network.parameters(), self.parameters, strict=True))
        self._pairs = [(own, copied) for own, copied in pairs if copied is not own]
        self._direct = [copied for own, copied in pairs if copied is own]
        for _, copied in self._pairs:
            copied.data = copied.data.to(torch.bfloat16)

    def __call__(self, values: Tensor) -> Tensor:
        made: Tensor = self.network(values.to(torch.bfloat16))
        return made.float()

    @torch.no_grad()
    def follow(self) -> None:
        """Take over the original's weights, after they changed."""
        torch._foreach_copy_([copied for _, copied in self._pairs], [own for own, _ in self._pairs])

    def backward(self, loss: Tensor) -> None:
        """Gradients of a loss that the copy computed, as the original's, float32, in place of those it had."""
        for parameter in self._direct:
            parameter.grad = None
        loss.backward()
        into, found = [], []
        for own, copied in self._pairs:
            if copied.grad is None:
                own.grad = None
                continue
            if own.grad is None:
                own.grad = torch.empty_like(own)
            into.append(own.grad)
            found.append(copied.grad)
            copied.grad = None
        torch._foreach_copy_(into, found)
