"""Two Gaussians that move apart: what a trained discriminator and a trained critic still say about the distance."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor, nn

from ganatomy import randomness
from ganatomy.lab.claim import Values
from ganatomy.lab.texts import TEXTS
from ganatomy.objectives import Batch, Objective
from ganatomy.objectives.nonsaturating import NonSaturating
from ganatomy.objectives.wasserstein import Wasserstein
from ganatomy.words import filled

SIGMA = 0.1
DISTANCES = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Between the two means; at 0.2 the Gaussians overlap by a third, at 2 they are twenty standard deviations apart."""

NEAR, FAR = DISTANCES[1], DISTANCES[-1]
BATCH = 512
STEPS = 1500

TITLES = {
    "gradient kept": filled(TEXTS["saturation.gradient kept"], far=FAR, near=NEAR),
    "estimate kept": filled(TEXTS["saturation.estimate kept"], far=FAR, half=FAR / 2),
    **{f"gradient at {each:g}": filled(TEXTS["saturation.gradient at"], distance=each) for each in DISTANCES},
}


def compute(seeds: int) -> dict[str, Values]:
    """{quantity: {objective: {seed: value}}} of the first so many seeds; several claims rest on it."""
    return _computed(seeds, STEPS)


@cache
def _computed(seeds: int, steps: int) -> dict[str, Values]:
    found: dict[str, Values] = {name: {"js": {}, "non-saturating": {}, "wasserstein": {}} for name in TITLES}
    for seed in range(seeds):
        gradients: dict[str, dict[float, float]] = {name: {} for name in ("js", "non-saturating", "wasserstein")}
        estimates: dict[str, dict[float, float]] = {"js": {}, "wasserstein": {}}
        for distance in DISTANCES:
            for name, critic in (
                ("js", _discriminator(distance, seed, steps)),
                ("wasserstein", _critic(distance, seed, steps)),
            ):
                real, fake = _points(distance, seed, 10_000)
                estimates[name][distance] = _estimate(name, critic, real, fake)
                gradients[name][distance] = _gradient(name, critic, fake)
                if name == "js":
                    gradients["non-saturating"][distance] = _gradient("non-saturating", critic, fake)
        for name, at in gradients.items():
            found["gradient kept"][name][seed] = math.log10(max(at[FAR] / at[NEAR], 1e-12))
            for distance in DISTANCES:
                found[f"gradient at {distance:g}"][name][seed] = at[distance]
        for name, at in estimates.items():
            found["estimate kept"][name][seed] = at[FAR] / at[FAR / 2]
    del found["estimate kept"]["non-saturating"]
    return found


def _points(distance: float, seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Real points around 0 and generated ones around (distance, 0): count x 2 each."""
    source = torch.Generator().manual_seed(1000 * seed + count)
    real, fake = SIGMA * torch.randn(2, count, 2, generator=source)
    return real, fake + torch.tensor([distance, 0.0])


def _network(seed: int) -> nn.Sequential:
    with randomness.seeded(seed):
        return nn.Sequential(
            nn.Linear(2, 64), nn.LeakyReLU(0.1), nn.Linear(64, 64), nn.LeakyReLU(0.1), nn.Linear(64, 1)
        )


def _discriminator(distance: float, seed: int, steps: int) -> nn.Sequential:
    network = _network(seed)
    return _trained(network, NonSaturating(), torch.optim.Adam(network.parameters(), lr=3e-3), distance, seed, steps)


def _critic(distance: float, seed: int, steps: int) -> nn.Sequential:
    network = _network(seed)
    optimizer = torch.optim.RMSprop(network.parameters(), lr=1e-3)
    return _trained(network, Wasserstein(clip=0.1), optimizer, distance, seed, steps)


def _trained(
    network: nn.Sequential,
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    distance: float,
    seed: int,
    steps: int,
) -> nn.Sequential:
    """The network after so many steps, each on fresh points of both distributions."""
    source = torch.Generator().manual_seed(seed)
    apart = torch.tensor([distance, 0.0])
    for _ in range(steps):
        real, fake = SIGMA * torch.randn(2, BATCH, 2, generator=source)
        optimizer.zero_grad()
        terms = objective.critic_loss(network, Batch(real, fake + apart, noise=fake))
        torch.stack(list(terms.values())).sum().backward()
        optimizer.step()
        objective.constrain(network.parameters())
    return network


def _estimate(name: str, critic: nn.Module, real: Tensor, fake: Tensor) -> float:
    """The Jensen-Shannon divergence in nats (at most ln 2) that D's loss stands for, or the critic's mean difference."""
    with torch.no_grad():
        if name == "wasserstein":
            return float(critic(real).mean() - critic(fake).mean())
        logs = nn.functional.logsigmoid
        return float(logs(critic(real)).mean() / 2 + logs(-critic(fake)).mean() / 2 + torch.log(torch.tensor(2.0)))


def _gradient(name: str, critic: nn.Module, fake: Tensor) -> float:
    """Mean over the points of the Euclidean norm of the gradient of G's loss.

    js: E log(1 - D(G(z))), which G minimises in the game whose value is the divergence (Goodfellow et al. 2014, equation
    1); non-saturating: -E log D(G(z)); wasserstein: -E D(G(z)).
    """
    points = fake.clone().requires_grad_()
    scores = critic(points)
    losses = {
        "js": -nn.functional.softplus(scores),
        "non-saturating": nn.functional.softplus(-scores),
        "wasserstein": -scores,
    }
    (gradient,) = torch.autograd.grad(losses[name].sum(), points)
    return float(gradient.norm(dim=1).mean())
