"""The least-squares loss: Mao et al. 2017, equation 2, with the values of equation 9, https://arxiv.org/abs/1611.04076."""

import ganatomy


class LSGAN(ganatomy.Objective):
    """D: 1/2 E (D(x) - b)^2 + 1/2 E (D(G(z)) - a)^2.  G: 1/2 E (D(G(z)) - c)^2."""

    a: float = 0.0
    """The score that D wants for fakes."""
    b: float = 1.0
    """The score that D wants for real images."""
    c: float = 1.0
    """The score that G wants for its fakes."""

    def critic_loss(self, critic, batch):
        return {
            "real": 0.5 * (critic(batch.real) - self.b).square().mean(),
            "fake": 0.5 * (critic(batch.fake) - self.a).square().mean(),
        }

    def generator_loss(self, critic, batch):
        return {"fake": 0.5 * (critic(batch.fake) - self.c).square().mean()}
