"""DRAGAN, a gradient penalty around real images: Kodali et al. 2017, https://arxiv.org/abs/1705.07215."""

import torch
from torch.nn.functional import softplus

import ganatomy


class DRAGAN(ganatomy.Objective):
    """D: the GAN loss + penalty E (||grad D(x + d)|| - k)^2.  G: -E log sigmoid(D(G(z))).

    As in the authors' code, d = u * spread * std * v: std of the batch, u uniform in [0, 1] an image, v a pixel.
    """

    probability = True
    deterministic = False
    per_image = False  # the standard deviation is the whole batch's

    penalty: float = 10.0
    """Weight of the gradient penalty, the paper's lambda."""
    k: float = 1.0
    """The norm that the gradient is pulled to."""
    spread: float = 0.5
    """Size of the noise, in standard deviations of the batch."""

    def critic_loss(self, critic, batch):
        share = torch.rand_like(batch.real[:, :1, :1, :1])
        noise = self.spread * batch.real.std(correction=0) * torch.rand_like(batch.real)
        near = (batch.real + share * noise).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(near).sum(), near, create_graph=True)
        penalty = self.penalty * (gradient.flatten(1).norm(dim=1) - self.k).square().mean()
        real, fake = softplus(-critic(batch.real)).mean(), softplus(critic(batch.fake)).mean()
        return {"real": real, "fake": fake, "penalty": penalty}

    def generator_loss(self, critic, batch):
        return {"fake": softplus(-critic(batch.fake)).mean()}
