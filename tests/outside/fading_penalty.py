"""R1 (Mescheder et al. 2018, equation 9, https://arxiv.org/abs/1801.04406) with a weight that fades as the run goes on."""

import torch
from torch.nn.functional import softplus

import ganatomy


class FadingPenalty(ganatomy.Objective):
    """D: the GAN loss + (1 - progress) gamma/2 E ||grad D(x)||^2.  G: -E log sigmoid(D(G(z)))."""

    probability = True

    gamma: float = 10.0
    """Weight of the penalty at the run's beginning; 0 at its end."""

    def critic_loss(self, critic, batch):
        real = batch.real.detach().requires_grad_()
        scores = critic(real)
        (gradient,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
        weight = (1 - batch.progress) * self.gamma / 2
        return {
            "real": softplus(-scores).mean(),
            "fake": softplus(critic(batch.fake)).mean(),
            "penalty": weight * gradient.square().flatten(1).sum(1).mean(),
        }

    def generator_loss(self, critic, batch):
        return {"fake": softplus(-critic(batch.fake)).mean()}
