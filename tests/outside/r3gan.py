"""R3GAN, the relativistic pairing loss with R1 and R2: Huang et al. 2024, section 2, https://arxiv.org/abs/2501.05441."""

import torch
from torch.nn.functional import softplus

import ganatomy


class R3GAN(ganatomy.Objective):
    """D: E softplus(D(G(z)) - D(x)) + gamma/2 E ||grad D(x)||^2 + gamma/2 E ||grad D(G(z))||^2.  G: E softplus(D(x) - D(G(z))).

    Each real image is paired with the fake one of the same row.
    """

    gamma: float = 1.0
    """Weight of both penalties, which are halved as in the paper."""

    def critic_loss(self, critic, batch):
        real, fake = batch.real.detach().requires_grad_(), batch.fake.detach().requires_grad_()
        on_real, on_fake = critic(real), critic(fake)
        return {
            "pairs": softplus(on_fake - on_real).mean(),
            "r1": self.gamma / 2 * squared_gradient(on_real, real),
            "r2": self.gamma / 2 * squared_gradient(on_fake, fake),
        }

    def generator_loss(self, critic, batch):
        return {"pairs": softplus(critic(batch.real) - critic(batch.fake)).mean()}


def squared_gradient(scores, images):
    """The mean over images of the squared norm of the gradient of an image's score."""
    (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return gradient.square().flatten(1).sum(1).mean()
