"""The optimisers: RMSprop against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ganatomy.runs import checkpoint
from ganatomy.training.optimizers import RMSprop


def parameters(dtype: torch.dtype) -> list[nn.Parameter]:
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(shape, dtype=dtype)) for shape in ((300, 7), (7,), (2, 3, 4, 5))]


@pytest.mark.parametrize("alpha", [0.0, 0.9, 0.99, 1 - 1e-12])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_rmsprop_is_torchs(alpha: float, dtype: torch.dtype, tolerance: float) -> None:
    """From gradients of 0 and of 1e-9 to those of 10."""
    ours, theirs = parameters(dtype), parameters(dtype)
    own, reference = RMSprop(ours, 5e-5, alpha), torch.optim.RMSprop(theirs, lr=5e-5, alpha=alpha)
    for _ in range(50):
        for mine, other in zip(ours, theirs, strict=True):
            other.grad = torch.randn_like(other) * 10 ** torch.empty_like(other).uniform_(-9, 1)
            other.grad[0] = 0
            mine.grad = other.grad.clone()
        own.step()
        reference.step()
    # One minus 1e-12 lets the mean square begin at 1e-12, so each step is a million times the rate.
    scale = 5e-5 / (1 - alpha) ** 0.5
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=tolerance * max(1.0, scale))


def test_rmsprop_goes_on_from_a_checkpoint_as_if_it_had_not_stopped() -> None:
    whole, stopped = parameters(torch.float32), parameters(torch.float32)
    names = ["a", "b", "c"]
    one, other = RMSprop(whole, 1e-3, 0.99), RMSprop(stopped, 1e-3, 0.99)
    for step in range(6):
        for mine, theirs in zip(whole, stopped, strict=True):
            mine.grad = torch.randn_like(mine)
            theirs.grad = mine.grad.clone()
        if step == 3:
            saved = {name: tensor.clone() for name, tensor in checkpoint.optimizer_tensors(other, names).items()}
            other = RMSprop(stopped, 1e-3, 0.99)
            checkpoint.restore_optimizer(other, names, saved)
        one.step()
        other.step()
    for mine, theirs in zip(whole, stopped, strict=True):
        assert torch.equal(mine, theirs)


def test_rmsprop_goes_on_where_torchs_own_stopped() -> None:
    ours, theirs = parameters(torch.float32), parameters(torch.float32)
    names = ["a", "b", "c"]
    own, reference = RMSprop(ours, 1e-3, 0.99), torch.optim.RMSprop(theirs, lr=1e-3, alpha=0.99)
    for step in range(6):
        for mine, other in zip(ours, theirs, strict=True):
            other.grad = torch.randn_like(other)
            mine.grad = other.grad.clone()
        reference.step()
        if step < 3:
            with torch.no_grad():
                torch._foreach_copy_(ours, theirs)
            saved = checkpoint.optimizer_tensors(reference, names)
            checkpoint.restore_optimizer(own, names, {name: tensor.clone() for name, tensor in saved.items()})
        else:
            own.step()
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-6)
