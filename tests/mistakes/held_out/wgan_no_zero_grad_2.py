import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

Z, N_CRITIC, CLIP = 50, 5, 0.01


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(Z, 128),
            nn.BatchNorm1d(128),
            nn.ReLU(True),
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(True),
            nn.Linear(256, 28 * 28),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(28 * 28, 256),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(256, 64),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(64, 1),
        )

    def forward(self, x):
        return self.net(x)


loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
generator, critic = Generator(), Critic()
optim_g = torch.optim.RMSprop(generator.parameters(), lr=5e-5)
optim_c = torch.optim.RMSprop(critic.parameters(), lr=5e-5)
watch = ganatomy.watch(generator, critic, optim_g, optim_c)

step = 0
for epoch in range(20):
    for real, _ in loader:
        z = torch.randn(real.shape[0], Z)
        fake = generator(z).detach()
        loss_c = critic(fake).mean() - critic(real).mean()
        loss_c.backward()
        optim_c.step()
        for p in critic.parameters():
            p.data.clamp_(-CLIP, CLIP)
        step += 1

        if step % N_CRITIC == 0:
            loss_g = -critic(generator(torch.randn(real.shape[0], Z))).mean()
            loss_g.backward()
            optim_g.step()
            watch.step(loss_D=loss_c, loss_G=loss_g)
        else:
            watch.step(loss_D=loss_c)
    print("epoch", epoch, "critic", loss_c.item())
