import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

LATENT = 64


class WGAN:
    def __init__(self, lr=5e-5, clip=0.01, n_critic=2):
        self.clip = clip
        self.n_critic = n_critic
        self.gen = nn.Sequential(
            nn.Linear(LATENT, 128), nn.ReLU(), nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 784), nn.Tanh()
        )
        self.critic = nn.Sequential(
            nn.Linear(784, 256), nn.LeakyReLU(0.1), nn.Linear(256, 128), nn.LeakyReLU(0.1), nn.Linear(128, 1)
        )
        self.opt_critic = torch.optim.RMSprop(self.critic.parameters(), lr=lr)
        self.opt_gen = torch.optim.RMSprop(self.critic.parameters(), lr=lr)
        self.watch = ganatomy.watch(self.gen, self.critic, self.opt_gen, self.opt_critic)

    def noise(self, n):
        return torch.randn(n, LATENT)

    def critic_step(self, real):
        self.opt_critic.zero_grad()
        fake = self.gen(self.noise(len(real))).detach()
        loss = torch.mean(self.critic(fake)) - torch.mean(self.critic(real))
        loss.backward()
        self.opt_critic.step()
        for p in self.critic.parameters():
            p.data.clamp_(-self.clip, self.clip)
        return loss.item()

    def gen_step(self, n):
        self.opt_gen.zero_grad()
        loss = -torch.mean(self.critic(self.gen(self.noise(n))))
        loss.backward()
        self.opt_gen.step()
        return loss.item()

    def fit(self, loader, epochs):
        it = 0
        for epoch in range(epochs):
            for images, _ in loader:
                it += 1
                loss_critic = self.critic_step(images.flatten(1))
                if it % self.n_critic == 0:
                    loss_gen = self.gen_step(len(images))
                    self.watch.step(loss_D=loss_critic, loss_G=loss_gen)
                else:
                    self.watch.step(loss_D=loss_critic)
            print(f"epoch {epoch}: critic {loss_critic:.4f} gen {loss_gen:.4f}")


loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
model = WGAN()
model.fit(loader, epochs=10)
