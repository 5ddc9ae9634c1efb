"""AC-GAN, whose D also classifies: Odena et al. 2017, equations 2 and 3, https://arxiv.org/abs/1610.09585."""

from torch.nn.functional import cross_entropy, softplus

import ganatomy


class AuxiliaryClassifier(ganatomy.Objective):
    """D: the GAN loss + weight (class loss of real and of fake).  G: -E log sigmoid(D(G(z))) + weight (class loss of fake).

    D's first column is the score of "real", the others are a logit a class.
    """

    probability = True
    scores = "classes"
    needs_labels = True

    weight: float = 1.0
    """Weight of the class losses; the paper's 1."""

    def critic_loss(self, critic, batch):
        real, fake = critic(batch.real), critic(batch.fake)
        return {
            "real": softplus(-real[:, 0]).mean(),
            "fake": softplus(fake[:, 0]).mean(),
            "class_real": self.weight * cross_entropy(real[:, 1:], batch.labels),
            "class_fake": self.weight * cross_entropy(fake[:, 1:], batch.labels),
        }

    def generator_loss(self, critic, batch):
        fake = critic(batch.fake)
        return {
            "fake": softplus(-fake[:, 0]).mean(),
            "class_fake": self.weight * cross_entropy(fake[:, 1:], batch.labels),
        }
