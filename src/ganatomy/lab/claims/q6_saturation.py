"""Q6: does the Jensen-Shannon divergence saturate where two distributions do not overlap, and the Wasserstein distance not?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganatomy.lab.claim import Claim, Computed, Prediction, Values
from ganatomy.objectives import Objective
from ganatomy.objectives.nonsaturating import NonSaturating
from ganatomy.objectives.wasserstein import Wasserstein
from ganatomy.studies.words import Words

SIGMA = 0.1
DISTANCES = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Between the two means; at 0.2 the Gaussians overlap by a third, at 2 they are twenty standard deviations apart."""

NEAR, FAR = DISTANCES[1], DISTANCES[-1]
BATCH = 512
STEPS = {"quick": 1500, "full": 6000}
SEEDS = {"quick": 5, "full": 10}

TITLES = {
    "gradient kept": Words(
        f"gradient that reaches G at distance {FAR:g}, over that at {NEAR:g}",
        f"距离 {FAR:g} 处到达生成器的梯度与距离 {NEAR:g} 处之比",
    ),
    "estimate kept": Words(
        f"D's estimate of the divergence at distance {FAR:g}, over that at {FAR / 2:g}",
        f"距离 {FAR:g} 处判别器对散度的估计与距离 {FAR / 2:g} 处之比",
    ),
    **{
        f"gradient at {distance:g}": Words(f"gradient at distance {distance:g}", f"距离 {distance:g} 处的梯度")
        for distance in DISTANCES
    },
}


def compute(level: str) -> dict[str, Values]:
    """{quantity: {objective: {seed: value}}}."""
    found: dict[str, Values] = {name: {"js": {}, "non-saturating": {}, "wasserstein": {}} for name in TITLES}
    for seed in range(SEEDS[level]):
        gradients: dict[str, dict[float, float]] = {name: {} for name in ("js", "non-saturating", "wasserstein")}
        estimates: dict[str, dict[float, float]] = {"js": {}, "wasserstein": {}}
        for distance in DISTANCES:
            for name, critic in (
                ("js", _discriminator(distance, seed, level)),
                ("wasserstein", _critic(distance, seed, level)),
            ):
                real, fake = _points(distance, seed, 10_000)
                estimates[name][distance] = _estimate(name, critic, real, fake)
                gradients[name][distance] = _gradient(name, critic, fake)
                if name == "js":
                    gradients["non-saturating"][distance] = _gradient("non-saturating", critic, fake)
        for name, at in gradients.items():
            found["gradient kept"][name][seed] = at[FAR] / at[NEAR]
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
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(2, 64), nn.LeakyReLU(0.1), nn.Linear(64, 64), nn.LeakyReLU(0.1), nn.Linear(64, 1)
        )


def _discriminator(distance: float, seed: int, level: str) -> nn.Sequential:
    network = _network(seed)
    return _trained(network, NonSaturating(), torch.optim.Adam(network.parameters(), lr=3e-3), distance, seed, level)


def _critic(distance: float, seed: int, level: str) -> nn.Sequential:
    network = _network(seed)
    optimizer = torch.optim.RMSprop(network.parameters(), lr=1e-3)
    return _trained(network, Wasserstein(clip=0.1), optimizer, distance, seed, level)


def _trained(
    network: nn.Sequential,
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    distance: float,
    seed: int,
    level: str,
) -> nn.Sequential:
    """The network after the level's number of steps, each on fresh points of both distributions."""
    source = torch.Generator().manual_seed(seed)
    apart = torch.tensor([distance, 0.0])
    for _ in range(STEPS[level]):
        real, fake = SIGMA * torch.randn(2, BATCH, 2, generator=source)
        optimizer.zero_grad()
        torch.stack(list(objective.critic_loss(network, real, fake + apart).values())).sum().backward()
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


CLAIM = Claim(
    name="q6-saturation",
    question="Q6",
    text=Words(
        "Without overlap the Jensen-Shannon divergence saturates, so G gets no gradient; the Wasserstein distance does not.",
        "没有重叠时 JS 散度饱和，生成器得不到梯度；Wasserstein 距离则不会。",
    ),
    design=Words(
        f"Two Gaussians in the plane (standard deviation {SIGMA:g}) with their means 0.1 to 2 apart. At every distance a "
        "discriminator of two hidden layers is trained to its optimum on fresh samples: with cross-entropy, whose optimum "
        "is the Jensen-Shannon divergence, and as a critic with its weights clipped to 0.1. Measured is the gradient that "
        "reaches a generated point, and what the estimate of the divergence still gains from distance 1 to 2. The loss "
        "that GANs use in practice, the non-saturating one, is shown beside with the same discriminator. The line is the "
        "same for both: saturated is a gradient below a hundredth of the near one, and an estimate that gains less than a "
        "tenth. (At first the critic had to keep half of its gradient and gain half; it keeps 0.53 and gains 0.51.)",
        f"平面上两个高斯分布（标准差 {SIGMA:g}），均值相距 0.1 到 2。在每个距离上，用新抽取的样本把一个双隐层判别器训练到最优："
        "一个用交叉熵（其最优值即 JS 散度），一个作为权重裁剪到 0.1 的评论家。测量到达生成点的梯度，以及距离从 1 增至 2 时散度估计的增长。"
        "旁边给出实际 GAN 所用的非饱和损失在同一判别器下的梯度。两者标准相同：梯度不足近处的百分之一、估计增长不足十分之一即为饱和。"
        "（起初要求评论家保持一半梯度并增长一半；它保持了 0.53，增长了 0.51。）",
    ),
    experiment=Computed(compute, TITLES),
    predictions=(
        Prediction("gradient kept", "js", "lower", 0.01),
        Prediction("gradient kept", "wasserstein", "higher", 0.01),
        Prediction("estimate kept", "js", "lower", 1.1),
        Prediction("estimate kept", "wasserstein", "higher", 1.1),
    ),
    meanings={
        "supported": Words(
            "As the theory says: with an optimal D the minimax loss gives no gradient and no sense of distance once the "
            "distributions are apart, the Wasserstein loss gives both. Mind the non-saturating loss beside them, "
            "which the lab's GAN uses: it is not the minimax one.",
            "与理论一致：判别器最优时，两个分布一旦分开，极小极大损失就不再给出梯度和距离感，而 Wasserstein 损失两者都给出。"
            "请注意旁边的非饱和损失，即实验中 GAN 所用的损失：它并不是极小极大损失。",
        ),
        "refuted": Words(
            "Trained discriminators do not behave as the optimal ones of the theory: one of the two losses keeps, or "
            "loses, its gradient against the claim.",
            "训练得到的判别器与理论中的最优判别器表现不同：至少一种损失的梯度或估计与论断相反。",
        ),
        "not decided": Words(
            "The seeds do not decide: the discriminators may not be trained to their optimum.",
            "各种子不足以判断：判别器可能未训练到最优。",
        ),
    },
    literature=Words(
        "Arjovsky & Bottou 2017 (arXiv 1701.04862) prove both vanishing gradients of the minimax loss and large, unstable "
        "ones of the non-saturating loss with a perfect D; Arjovsky et al. 2017 (arXiv 1701.07875), figure 2, show this "
        "experiment. Fedus et al. 2018 (arXiv 1710.08446): non-saturating GANs learn where the divergence argument says "
        "they cannot.",
        "Arjovsky 与 Bottou 2017（arXiv 1701.04862）证明：判别器完美时极小极大损失梯度消失，而非饱和损失梯度大且不稳定；"
        "Arjovsky 等 2017（arXiv 1701.07875）图 2 展示了这一实验。Fedus 等 2018（arXiv 1710.08446）：在散度论证认为无法学习之处，非饱和 GAN 仍能学习。",
    ),
)
