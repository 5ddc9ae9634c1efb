import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class Trainer:
    def __init__(self, noise=100, lr=5e-5, clip=5.0):
        self.noise, self.clip = noise, clip
        self.gen = nn.Sequential(
            nn.ConvTranspose2d(noise, 16, 7),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1),
            nn.Tanh(),
        )
        self.critic = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(16 * 7 * 7, 1),
        )
        self.opt_gen = torch.optim.RMSprop(self.gen.parameters(), lr=lr)
        self.opt_critic = torch.optim.RMSprop(self.critic.parameters(), lr=lr)
        self.watch = ganatomy.watch(self.gen, self.critic, self.opt_gen, self.opt_critic)

    def sample(self, n):
        return self.gen(torch.randn(n, self.noise, 1, 1))

    def critic_step(self, real):
        self.opt_critic.zero_grad()
        loss = self.critic(self.sample(len(real)).detach()).mean() - self.critic(real).mean()
        loss.backward()
        self.opt_critic.step()
        for p in self.critic.parameters():
            p.data.clamp_(-self.clip, self.clip)
        return loss

    def gen_step(self, n):
        self.opt_gen.zero_grad()
        loss = -self.critic(self.sample(n)).mean()
        loss.backward()
        self.opt_gen.step()
        return loss

    def fit(self, loader, epochs):
        for _ in range(epochs):
            for real, _ in loader:
                loss_c = self.critic_step(real)
                loss_g = self.gen_step(len(real))
                self.watch.step(loss_D=loss_c, loss_G=loss_g)


Trainer().fit(DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True), epochs=10)
