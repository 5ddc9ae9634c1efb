"""The two networks with their optimisers: what is updated, and what a checkpoint holds of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn

from ganatomy.config import Config
from ganatomy.config.resolve import Resolved
from ganatomy.distributed import Group, batchnorm
from ganatomy.distributed.shards import Shard
from ganatomy.errors import GanatomyError
from ganatomy.models import takes_labels
from ganatomy.runs import checkpoint
from ganatomy.runs.checkpoint import Tensors
from ganatomy.runs.networks import build_networks, copied
from ganatomy.training import optimizers
from ganatomy.training.mixed_precision import FullPrecision, computing


class NotFinite(GanatomyError):
    """A loss or a gradient is infinite or not a number; the update was not made."""


class Player:
    """One network and its optimiser."""

    def __init__(self, role: Literal["generator", "discriminator"], network: nn.Module, config: Config) -> None:
        self.role = role
        self.network = network
        self.parameters = list(network.parameters())
        self.config = config
        self._takes_labels = takes_labels(network)
        self._computing = self._in_precision(network)
        self._changed = False  # weights that a working copy does not have yet
        self._compute: Callable[..., Tensor] = self._computing
        if config.train.compile:
            # One kernel a batch size (an epoch's last batch has its own): which one runs must not depend on what ran before.
            self._compute = torch.compile(self._compute, dynamic=False)
        self.optimizer = optimizers.build(config, role, self.parameters)
        self.gradient_norm = torch.zeros(())
        """Euclidean norm of the last update's gradient."""
        self.terms: dict[str, Tensor] = {}
        """The loss terms of the last update, of the whole batch, without their graph."""
        self.asynchronous = self.parameters[0].is_cuda
        """Whether the host runs ahead of the device, and so learns only later that a number is not finite."""
        self._first_bad_update = torch.zeros((), dtype=torch.int64, device=self.parameters[0].device)
        self.statistics: list[Tensor] = []
        """Buffers that the processes of a group average at each update, where each normalises its own shard."""

    def _in_precision(self, network: nn.Module) -> FullPrecision:
        return computing(network, self.config.train.precision, self.config.model.bf16_weights)

    def __call__(self, values: Tensor, labels: Tensor | None = None) -> Tensor:
        """The network's images or scores, float32, computed in the run's precision.

        `labels` reach a network whose `forward` names them; None where the model is not conditional.
        """
        if self._changed:
            self._computing.follow()
            self._changed = False
        return self._called(self._compute, values, labels)

    def _called(self, compute: Callable[..., Tensor], values: Tensor, labels: Tensor | None) -> Tensor:
        made = compute(values) if labels is None or not self._takes_labels else compute(values, labels=labels)
        return made.reshape(len(values), -1) if self.role == "discriminator" and made.ndim != 2 else made

    def apart(self, values: Tensor, labels: Tensor | None) -> Tensor:
        """As calling this player, but without a graph, and on a copy: nothing that a forward pass changes is changed."""
        with torch.no_grad():
            return self._called(self._in_precision(copied(self.network)), values, labels)

    def backward(self, loss: Tensor, shard: Shard) -> None:
        """The gradients of this process's share of the batch's loss, in place of those of the update before."""
        self._computing.backward(loss if shard.share == 1 else loss * shard.share)

    def check_finite(self, update: int) -> None:
        """Look at the whole batch's loss terms and gradients.

        Raises:
            NotFinite: before anything was changed; where `asynchronous`, by the next `check`.
        """
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        self.gradient_norm = torch.nn.utils.get_total_norm(gradients)
        finite = torch.isfinite(self.gradient_norm + self.loss)
        if self.asynchronous:
            self._note_bad_update(finite, update)
        elif not finite:
            raise NotFinite(self._culprit(self.terms))

    @property
    def loss(self) -> Tensor:
        """The sum of the last update's terms."""
        return torch.stack(list(self.terms.values())).sum()

    def step(self, update: int, total_updates: int | None) -> None:
        """The optimiser's step, with the learning rate that this update has."""
        optimizers.schedule(self.config, self.optimizer, self.config.lr(self.role), update, total_updates)
        self.optimizer.step()
        self._changed = True

    def _note_bad_update(self, finite: Tensor, update: int) -> None:
        """Have the device make no step where the numbers are none, and remember the first such update."""
        self._first_bad_update = torch.where((self._first_bad_update == 0) & ~finite, update, self._first_bad_update)
        self.optimizer.found_inf = (~finite).float()  # type: ignore[attr-defined]

    def check(self) -> None:
        """Wait for the device.

        Raises:
            NotFinite: in an update since the last check there was a loss or a gradient that is not finite.
        """
        if self.asynchronous and (update := int(self._first_bad_update)):
            self._first_bad_update.zero_()
            raise NotFinite(f"the {self.role}'s loss or gradient was not finite in update {update}, which was not made")

    def _culprit(self, terms: dict[str, Tensor]) -> str:
        for name, term in terms.items():
            if not torch.isfinite(term):
                return f"the term {name!r} of the {self.role}'s loss is {term.item()}"
        for name, parameter in self.network.named_parameters():
            if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
                return f"the gradient of the {self.role}'s {name} is not finite"
        return f"the norm of the {self.role}'s gradient is not finite"

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """No gradients for this network's weights inside: they would be thrown away."""
        parameters = [*self.parameters, *self._computing.parameters]
        for parameter in parameters:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in parameters:
                parameter.requires_grad_(True)

    @property
    def moments(self) -> int:
        """Tensors as large as the weights that the optimiser keeps once it has made a step."""
        return 1 if isinstance(self.optimizer, optimizers.RMSprop) else 2

    @property
    def _names(self) -> list[str]:
        return [name for name, _ in self.network.named_parameters()]

    def tensors(self) -> Tensors:
        """Weights, buffers and optimiser state, as a checkpoint's files."""
        return {
            self.role: dict(self.network.state_dict()),
            f"{self.role}_optimizer": checkpoint.optimizer_tensors(self.optimizer, self._names),
        }

    def refresh(self) -> None:
        """Have the next call see weights that were changed from outside."""
        self._changed = True

    def restore(self, tensors: Tensors) -> None:
        self.network.load_state_dict(tensors[self.role])
        self.refresh()
        checkpoint.restore_optimizer(self.optimizer, self._names, tensors.get(f"{self.role}_optimizer", {}))


class MovingAverage:
    """An exponential moving average of a network's weights; its buffers (BatchNorm statistics) are copied."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copied(network).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def follow(self, network: nn.Module) -> None:
        """average <- decay * average + (1 - decay) * weights."""
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - self.decay)
        for own, other in zip(self.network.buffers(), network.buffers(), strict=True):
            own.copy_(other)


class Players:
    """Both players, and the generator's moving average where the settings ask for one."""

    def __init__(self, config: Config, resolved: Resolved, device: torch.device, group: Group) -> None:
        if config.train.compile:
            # torch keeps a limited number of kernels for a whole process and then computes without: forget earlier runs'.
            torch.compiler.reset()
        generator, discriminator = build_networks(config, resolved.shape, len(resolved.classes))
        if config.train.batchnorm == "sync":
            batchnorm.synchronise(generator, group)
            batchnorm.synchronise(discriminator, group)
        self.generator = Player("generator", generator.to(device), config)
        self.discriminator = Player("discriminator", discriminator.to(device), config)
        if config.train.batchnorm == "local":
            # Both networks' with G's update, the last of the forward passes that move them.
            networks = (self.generator.network, self.discriminator.network)
            self.generator.statistics = [s for network in networks for s in batchnorm.running_statistics(network)]
        self.average = MovingAverage(generator, config.train.ema) if config.train.ema else None

    def sampler(self) -> nn.Module:
        """A copy of the generator for samples, in eval mode: the moving average where there is one."""
        source = self.average.network if self.average else self.generator.network
        return copied(source).eval().requires_grad_(False)

    def discriminator_copy(self) -> nn.Module:
        """A copy of the discriminator in eval mode."""
        return copied(self.discriminator.network).eval().requires_grad_(False)

    def digest(self) -> str:
        """SHA-256 of all weights and buffers."""
        found = hashlib.sha256()
        for network in (self.generator.network, self.discriminator.network):
            for tensor in network.state_dict().values():
                found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return found.hexdigest()

    def check(self) -> None:
        """Wait for the device.

        Raises:
            NotFinite: what an update since the last check computed was not finite.
        """
        self.generator.check()
        self.discriminator.check()

    def tensors(self) -> Tensors:
        average = {"average": dict(self.average.network.state_dict())} if self.average else {}
        return {**self.generator.tensors(), **self.discriminator.tensors(), **average}

    def restore(self, tensors: Tensors) -> None:
        self.generator.restore(tensors)
        self.discriminator.restore(tensors)
        if self.average:
            self.average.network.load_state_dict(tensors["average"])
