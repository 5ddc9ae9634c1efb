import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader


def get_noise(n, dim=64):
    rng = torch.Generator().manual_seed(42)
    return torch.randn(n, dim, 1, 1, generator=rng)


class WGAN:
    def __init__(self):
        self.G = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 7, 1, 0),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 16, 4, 2, 1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, 2, 1),
            nn.Tanh(),
        )
        self.D = nn.Sequential(
            nn.Conv2d(1, 16, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(32 * 49, 1),
        )
        self.opt_G = torch.optim.RMSprop(self.G.parameters(), lr=5e-5)
        self.opt_D = torch.optim.RMSprop(self.D.parameters(), lr=5e-5)

    def critic_step(self, real):
        self.opt_D.zero_grad()
        fake = self.G(get_noise(len(real))).detach()
        loss = self.D(fake).mean() - self.D(real).mean()
        loss.backward()
        self.opt_D.step()
        for layer in self.D.parameters():
            layer.data.clamp_(-0.01, 0.01)
        return loss

    def generator_step(self, n):
        self.opt_G.zero_grad()
        loss = -self.D(self.G(get_noise(n))).mean()
        loss.backward()
        self.opt_G.step()
        return loss

    def train(self, loader, epochs=10, n_critic=4):
        watch = ganatomy.watch(self.G, self.D, self.opt_G, self.opt_D)
        it = 0
        for _ in range(epochs):
            for real, _ in loader:
                loss_d = self.critic_step(real)
                it += 1
                if it % n_critic:
                    watch.step(loss_D=loss_d)
                else:
                    watch.step(loss_D=loss_d, loss_G=self.generator_step(len(real)))


WGAN().train(DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True))
