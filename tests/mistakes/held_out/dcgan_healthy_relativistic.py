import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz = 64
netG = nn.Sequential(
    nn.ConvTranspose2d(nz, 16, 7, 1, 0),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 8, 4, 2, 1),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.ConvTranspose2d(8, 1, 4, 2, 1),
    nn.Tanh(),
)
netD = nn.Sequential(
    nn.Conv2d(1, 8, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(8, 16, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)
opt_G = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_D = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
watch = ganatomy.watch(netG, netD, opt_G, opt_D)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(10):
    for real, _ in loader:
        n = real.size(0)
        y, y2 = torch.ones(n, 1), torch.zeros(n, 1)

        # relativistic average GAN
        opt_D.zero_grad()
        fake = netG(torch.randn(n, nz, 1, 1))
        c_r, c_f = netD(real), netD(fake.detach())
        loss_D = (bce(c_r - c_f.mean(), y) + bce(c_f - c_r.mean(), y2)) / 2
        loss_D.backward()
        opt_D.step()

        opt_G.zero_grad()
        c_r, c_f = netD(real).detach(), netD(fake)
        loss_G = (bce(c_r - c_f.mean(), y2) + bce(c_f - c_r.mean(), y)) / 2
        loss_G.backward()
        opt_G.step()

        watch.step(loss_D=loss_D, loss_G=loss_G)
