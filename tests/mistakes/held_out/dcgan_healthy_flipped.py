import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

REAL, FAKE = 0.0, 1.0
Z = 48


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.t1 = nn.ConvTranspose2d(Z, 16, 7)
        self.b1 = nn.BatchNorm2d(16)
        self.t2 = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
        self.b2 = nn.BatchNorm2d(8)
        self.t3 = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)

    def forward(self, z):
        x = F.relu(self.b1(self.t1(z.view(-1, Z, 1, 1))))
        x = F.relu(self.b2(self.t2(x)))
        return torch.tanh(self.t3(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 4, stride=2, padding=1)
        self.c2 = nn.Conv2d(8, 16, 4, stride=2, padding=1)
        self.b2 = nn.BatchNorm2d(16)
        self.out = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        x = F.leaky_relu(self.c1(x), 0.2)
        x = F.leaky_relu(self.b2(self.c2(x)), 0.2)
        return self.out(x.view(x.size(0), -1))


def gan_loss(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


G, D = Generator(), Discriminator()
optG = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
optD = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, optG, optD)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(10):
    for x, _ in loader:
        x_fake = G(torch.randn(x.size(0), Z))

        optD.zero_grad()
        loss_D = gan_loss(D(x), REAL) + gan_loss(D(x_fake.detach()), FAKE)
        loss_D.backward()
        optD.step()

        optG.zero_grad()
        loss_G = gan_loss(D(x_fake), REAL)
        loss_G.backward()
        optG.step()
        watch.step(loss_D=loss_D, loss_G=loss_G)
