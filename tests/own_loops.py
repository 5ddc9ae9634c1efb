"""Loops as users write them, on the built-in digits, for tests that record them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ganatomy.data import Dataset, sources

BATCH = 16


def digits() -> Dataset:
    return sources.get("digits")().load()


def batches(steps: int, low: float, high: float) -> Iterator[tuple[Tensor, Tensor]]:
    """Reals N x 1 x 28 x 28 in a range, and their classes."""
    data = digits()
    assert data.labels is not None
    for step in range(steps):
        rows = torch.arange(step * BATCH, (step + 1) * BATCH) % len(data)
        pixels = torch.from_numpy(data.images[rows.numpy()]).permute(0, 3, 1, 2).float()
        yield pixels / 255 * (high - low) + low, torch.from_numpy(data.labels[rows.numpy()])


class Flat(nn.Module):
    """A generator of rows of 784."""

    def __init__(self, last: nn.Module, latent: int = 8) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(latent, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 784), last)

    def forward(self, z: Tensor) -> Any:
        return self.layers(z.view(len(z), -1))


class Conv(nn.Module):
    """A generator of images of noise N x latent x 1 x 1, as in the DCGAN tutorials."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 7, 1, 0, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(True),
            nn.Upsample(scale_factor=4),
            nn.Conv2d(16, 1, 3, padding=1),
            nn.Tanh(),
        )

    def forward(self, input: Tensor) -> Any:
        return self.main(input)


class Conditional(nn.Module):
    """A generator of noise and classes, as indices or one-hot."""

    def __init__(self, one_hot: bool = False) -> None:
        super().__init__()
        self.embed: nn.Module = nn.Linear(10, 4) if one_hot else nn.Embedding(10, 4)
        self.layers = nn.Sequential(nn.Linear(12, 784), nn.Tanh())

    def forward(self, z: Tensor, c: Tensor) -> Any:
        return self.layers(torch.cat([z, self.embed(c)], 1)).view(-1, 1, 28, 28)


class Deciding(Flat):
    """A generator whose operations depend on values, so that they cannot be listed."""

    def forward(self, z: Tensor) -> Any:
        made = super().forward(z)
        return made if made.sum() > -1e9 else made * 0


class Counting(Flat):
    """A generator that counts its calls in a buffer, draws noise of its own, and returns more than images."""

    def __init__(self) -> None:
        super().__init__(nn.Tanh())
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, z: Tensor) -> Any:
        self.calls += 1
        made = super().forward(z)
        return (made + 0 * torch.randn(z.shape[0], 784, device=z.device)).view(-1, 1, 28, 28), z


@dataclass
class Loop:
    """How one user writes it."""

    generator: Callable[[], nn.Module]
    noise: Callable[[int], Tensor] = lambda n: torch.randn(n, 8)
    range: tuple[float, float] = (-1.0, 1.0)
    critic: bool = False
    """A WGAN: no sigmoid, clipping, three critic steps."""
    labels: str = "none"
    mixed: bool = False
    """D is given reals and fakes in one batch."""
    floats: bool = False
    """Losses are given as floats, under names of their own."""
    networks: list[nn.Module] = field(default_factory=list)

    def run(self, watching: Callable[..., Any] = lambda *_: None, steps: int = 24, after: Any = None) -> nn.Module:
        """Train, and return the generator; `after(step)` is called behind each step."""
        torch.manual_seed(3)
        G = self.generator()
        last = [] if self.critic else [nn.Sigmoid()]
        D = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1), *last)
        D.to(next(G.parameters()).dtype)
        self.networks = [G, D]
        make = torch.optim.RMSprop if self.critic else torch.optim.Adam
        opt_G, opt_D = make(G.parameters(), 2e-3), make(D.parameters(), 2e-3)  # type: ignore[operator]
        watch = watching(G, D, opt_G, opt_D)
        for step, (real, classes) in enumerate(batches(steps, *self.range), 1):
            for _ in range(3 if self.critic else 1):
                fake = self._made(G, classes)
                real = real.to(fake.dtype)
                if self.mixed:
                    both = D(torch.cat([real, fake.detach().view_as(real)]))
                    loss_D = self._loss(both[:BATCH], 1) + self._loss(both[BATCH:], 0)
                else:
                    loss_D = self._loss(D(real), 1) + self._loss(D(fake.detach()), 0)
                opt_D.zero_grad()
                loss_D.backward()
                opt_D.step()
                if self.critic:
                    for p in D.parameters():
                        p.data.clamp_(-0.01, 0.01)
            loss_G = self._loss(D(self._made(G, classes)), 1)
            opt_G.zero_grad()
            loss_G.backward()
            opt_G.step()
            if watch is not None and self.floats:
                watch.step(errD=loss_D.item(), errG=loss_G.item())
            elif watch is not None:
                watch.step(loss_D=loss_D, loss_G=loss_G)
            if after is not None:
                after(step)
        if watch is not None:
            watch.close()
        return G

    def _made(self, G: nn.Module, classes: Tensor) -> Any:
        given = {"none": [], "index": [classes], "one-hot": [functional.one_hot(classes, 10).float()]}[self.labels]
        made = G(self.noise(BATCH).to(next(G.parameters()).dtype), *given)
        return made[0] if isinstance(made, tuple) else made

    def _loss(self, scores: Tensor, target: int) -> Tensor:
        if self.critic:
            return -scores.mean() if target else scores.mean()
        return functional.binary_cross_entropy(scores, torch.full_like(scores, target))


LOOPS = {
    "flat": Loop(lambda: Flat(nn.Tanh())),
    "sigmoid": Loop(lambda: Flat(nn.Sigmoid()), range=(0.0, 1.0), floats=True),
    "conv": Loop(Conv, lambda n: torch.randn(n, 8, 1, 1)),
    "critic": Loop(lambda: Flat(nn.Tanh()), critic=True, floats=True),
    "uniform": Loop(lambda: Flat(nn.Tanh()), lambda n: torch.rand(n, 8) * 2 - 1),
    "unit": Loop(lambda: Flat(nn.Sigmoid()), lambda n: torch.rand(n, 8), range=(0.0, 1.0)),
    "wide": Loop(lambda: Flat(nn.Tanh()), lambda n: 3 * torch.randn(n, 8)),
    "index": Loop(Conditional, labels="index"),
    "one-hot": Loop(lambda: Conditional(one_hot=True), labels="one-hot"),
    "bytes": Loop(lambda: Flat(nn.ReLU()), range=(0.0, 255.0)),
    "double": Loop(lambda: Flat(nn.Tanh()).double()),
    "counting": Loop(Counting),
    "mixed": Loop(lambda: Flat(nn.Tanh()), mixed=True),
    "deciding": Loop(lambda: Deciding(nn.Tanh())),
}
