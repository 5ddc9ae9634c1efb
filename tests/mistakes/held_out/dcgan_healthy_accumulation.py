import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz = 64
accum = 2

G = nn.Sequential(
    nn.ConvTranspose2d(nz, 16, 7, 1, 0),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 8, 4, 2, 1),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.ConvTranspose2d(8, 1, 4, 2, 1),
    nn.Tanh(),
)
D = nn.Sequential(
    nn.Conv2d(1, 8, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(8, 16, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)
opt_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
watch = ganatomy.watch(G, D, opt_G, opt_D)
loader = DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True)


def set_requires_grad(net, flag):
    for p in net.parameters():
        p.requires_grad_(flag)


opt_D.zero_grad()
opt_G.zero_grad()
i = 0
for epoch in range(6):
    for real, _ in loader:
        i += 1
        n = real.size(0)
        fake = G(torch.randn(n, nz, 1, 1))

        set_requires_grad(D, True)
        loss_D = bce(D(real), torch.ones(n, 1)) + bce(D(fake.detach()), torch.zeros(n, 1))
        (loss_D / accum).backward()
        if i % accum == 0:
            opt_D.step()
            opt_D.zero_grad()

        set_requires_grad(D, False)
        loss_G = bce(D(fake), torch.ones(n, 1))
        (loss_G / accum).backward()
        if i % accum == 0:
            opt_G.step()
            opt_G.zero_grad()

        watch.step(loss_D=loss_D, loss_G=loss_G)
