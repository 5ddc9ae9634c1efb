"""WGAN with a gradient penalty: Gulrajani et al. 2017, equation 3, https://arxiv.org/abs/1704.00028."""

import torch

import ganatomy


class WGANGP(ganatomy.Objective):
    """Critic: E D(G(z)) - E D(x) + penalty E (||grad D(x')|| - 1)^2.  G: -E D(G(z)).

    Each x' is a uniformly random point on the line between a real image and a fake one.
    """

    deterministic = False
    critic_steps = 5

    penalty: float = 10.0
    """Weight of the gradient penalty, the paper's lambda."""

    def critic_loss(self, critic, batch):
        share = torch.rand_like(batch.real[:, :1, :1, :1])
        between = torch.lerp(batch.fake, batch.real, share).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        norm = gradient.flatten(1).norm(dim=1)
        return {
            "real": -critic(batch.real).mean(),
            "fake": critic(batch.fake).mean(),
            "penalty": self.penalty * (norm - 1).square().mean(),
        }

    def generator_loss(self, critic, batch):
        return {"fake": -critic(batch.fake).mean()}
