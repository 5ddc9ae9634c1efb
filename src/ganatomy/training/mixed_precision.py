"""What a network computes in: float32, or bfloat16 while float32 weights are updated (Micikevicius et al. 2018, arXiv 1710.03740).

bfloat16 has float32's range, so losses need no scaling.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrize import ParametrizationList
from torch.nn.utils.spectral_norm import SpectralNorm


class FullPrecision:
    """A network as it is."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.parameters: list[nn.Parameter] = []
        """Those that it has as well as the network's own."""

    def __call__(self, values: Tensor, **labels: Tensor) -> Tensor:
        made: Tensor = self.network(values, **labels)
        return made

    def follow(self) -> None:
        """Take over the network's weights, after they changed."""

    def backward(self, loss: Tensor) -> None:
        """The gradients of a loss, in place of those that the network had."""
        for parameter in self.network.parameters():
            parameter.grad = None
        loss.backward()


class Autocast(FullPrecision):
    """torch's autocast: float32 weights, cast at each use, and for the operations alone that suit bfloat16.

    For networks whose layers are not known. What a layer computes about itself stays float32: a parametrised weight
    (spectral norm's power iteration), BatchNorm's sums.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__(network)
        self._device_type = next(network.parameters()).device.type
        for module in network.modules():
            without = WithoutAutocast(self._device_type)
            if isinstance(module, ParametrizationList):
                module.register_forward_pre_hook(without.enter)
                module.register_forward_hook(without.leave)
            elif any(isinstance(hook, SpectralNorm) for hook in module._forward_pre_hooks.values()):
                module.register_forward_pre_hook(without.enter, prepend=True)
                module.register_forward_pre_hook(without.leave)

    def __call__(self, values: Tensor, **labels: Tensor) -> Tensor:
        with torch.autocast(self._device_type, torch.bfloat16):
            made: Tensor = self.network(values, **labels)
        return made.float()


class WithoutAutocast:
    """Two hooks; between them there is no autocast."""

    def __init__(self, device_type: str) -> None:
        self._device_type = device_type
        self._inside: list[torch.autocast] = []

    def enter(self, module: nn.Module, *_: Any) -> None:
        self._inside.append(torch.autocast(self._device_type, enabled=False))
        self._inside[-1].__enter__()

    def leave(self, module: nn.Module, *_: Any) -> None:
        self._inside.pop().__exit__(None, None, None)


class WorkingCopy(FullPrecision):
    """A copy of a network whose weights are bfloat16; it computes what the original, float32, is updated by.

    Faster than autocast, which casts every weight at each use; here once an update does. For networks that declare
    `Model.bf16_weights`.

    BatchNorm's weights, and all buffers, are the original's own tensors: sums over a batch stay float32. Images,
    noise and scores are float32 outside.
    """

    def __init__(self, network: nn.Module) -> None:
        kept: dict[int, Any] = {id(buffer): buffer for buffer in network.buffers()}
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

    def __call__(self, values: Tensor, **labels: Tensor) -> Tensor:
        made: Tensor = self.network(values.to(torch.bfloat16), **labels)
        return made.float()

    @torch.no_grad()
    def follow(self) -> None:
        torch._foreach_copy_([copied for _, copied in self._pairs], [own for own, _ in self._pairs])

    def backward(self, loss: Tensor) -> None:
        """The gradients of a loss that the copy computed, as the original's, float32."""
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


def computing(network: nn.Module, precision: str, bf16_weights: bool) -> FullPrecision:
    """The network in the precision of a run; this is where bf16 is decided for one network."""
    if precision == "fp32":
        return FullPrecision(network)
    return WorkingCopy(network) if bf16_weights else Autocast(network)
