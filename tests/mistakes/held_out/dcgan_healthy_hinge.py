import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import spectral_norm
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class Gen(nn.Module):
    def __init__(self, nz=64, ch=16):
        super().__init__()
        self.nz, self.ch = nz, ch
        self.fc = nn.Linear(nz, ch * 7 * 7)
        self.net = nn.Sequential(
            nn.BatchNorm2d(ch),
            nn.ReLU(),
            nn.ConvTranspose2d(ch, ch // 2, 4, 2, 1),
            nn.BatchNorm2d(ch // 2),
            nn.ReLU(),
            nn.ConvTranspose2d(ch // 2, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, n):
        z = torch.randn(n, self.nz)
        return self.net(self.fc(z).view(n, self.ch, 7, 7))


class Disc(nn.Module):
    def __init__(self, ch=8):
        super().__init__()
        self.c1 = spectral_norm(nn.Conv2d(1, ch, 4, 2, 1))
        self.c2 = spectral_norm(nn.Conv2d(ch, ch * 2, 4, 2, 1))
        self.fc = spectral_norm(nn.Linear(ch * 2 * 49, 1))

    def forward(self, x):
        x = F.leaky_relu(self.c1(x), 0.1)
        x = F.leaky_relu(self.c2(x), 0.1)
        return self.fc(x.flatten(1))


gen, disc = Gen(), Disc()
opt_gen = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_disc = torch.optim.Adam(disc.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, disc, opt_gen, opt_disc)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(10):
    for x, _ in loader:
        with torch.no_grad():
            x_fake = gen(x.size(0))
        loss_disc = F.relu(1.0 - disc(x)).mean() + F.relu(1.0 + disc(x_fake)).mean()
        opt_disc.zero_grad()
        loss_disc.backward()
        opt_disc.step()

        loss_gen = -disc(gen(x.size(0))).mean()
        opt_gen.zero_grad()
        loss_gen.backward()
        opt_gen.step()
        watch.step(loss_D=loss_disc, loss_G=loss_gen)
