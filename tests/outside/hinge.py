"""The hinge loss: Lim & Ye 2017, https://arxiv.org/abs/1705.02894; Miyato et al. 2018, equations 16 and 17, https://arxiv.org/abs/1802.05957."""

from torch.nn.functional import relu

import ganatomy


class Hinge(ganatomy.Objective):
    """D: E max(0, margin - D(x)) + E max(0, margin + D(G(z))).  G: -E D(G(z))."""

    margin: float = 1.0
    """The score beyond which D gains nothing more; the papers' 1."""

    def critic_loss(self, critic, batch):
        return {
            "real": relu(self.margin - critic(batch.real)).mean(),
            "fake": relu(self.margin + critic(batch.fake)).mean(),
        }

    def generator_loss(self, critic, batch):
        return {"fake": -critic(batch.fake).mean()}
