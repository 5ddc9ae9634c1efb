import torch
from torch import nn, optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

Z_DIM = 50


class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Sequential(nn.Linear(Z_DIM, 16 * 7 * 7), nn.ReLU())
        self.l2 = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh()
        )

    def forward(self, z):
        return self.l2(self.l1(z).view(z.size(0), 16, 7, 7))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, 2, 2), nn.LeakyReLU(0.2), nn.Conv2d(8, 16, 5, 2, 2), nn.LeakyReLU(0.2)
        )
        self.score = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        return self.score(self.features(x).flatten(1))


gen, critic = Gen(), Critic()
opt_g = optim.RMSprop(gen.parameters(), lr=5e-5)
opt_c = optim.SGD(critic.parameters(), lr=0.01, momentum=0.9)
watch = ganatomy.watch(gen, critic, opt_g, opt_c)

for epoch in range(10):
    for real, _ in DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True):
        bs = real.size(0)

        opt_c.zero_grad()
        fake = gen(torch.randn(bs, Z_DIM))
        w_dist = critic(real).mean() - critic(fake.detach()).mean()
        (-w_dist).backward()
        opt_c.step()
        with torch.no_grad():
            for p in critic.parameters():
                p.clamp_(-0.01, 0.01)

        opt_g.zero_grad()
        loss_g = -critic(fake).mean()
        loss_g.backward()
        opt_g.step()

        watch.step(loss_D=-w_dist.detach(), loss_G=loss_g.detach())
