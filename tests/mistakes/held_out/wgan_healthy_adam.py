import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz, c = 64, 0.01

netG = nn.Sequential(
    nn.Linear(nz, 16 * 7 * 7),
    nn.ReLU(),
    nn.Unflatten(1, (16, 7, 7)),
    nn.ConvTranspose2d(16, 8, 4, 2, 1),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.ConvTranspose2d(8, 1, 4, 2, 1),
    nn.Tanh(),
)
netC = nn.Sequential(
    nn.Conv2d(1, 8, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(8, 16, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)
optimG = torch.optim.Adam(netG.parameters(), lr=1e-4, betas=(0.0, 0.9))
optimC = torch.optim.Adam(netC.parameters(), lr=1e-4, betas=(0.0, 0.9))
watch = ganatomy.watch(netG, netC, optimG, optimC)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(10):
    for imgs, _ in loader:
        bs = imgs.size(0)

        for p in netC.parameters():
            p.requires_grad = True
        netC.zero_grad()
        fake = netG(torch.randn(bs, nz))
        errC = -netC(imgs).mean() + netC(fake.detach()).mean()
        errC.backward()
        optimC.step()
        with torch.no_grad():
            for p in netC.parameters():
                p.clamp_(-c, c)

        for p in netC.parameters():
            p.requires_grad = False
        netG.zero_grad()
        errG = -netC(fake).mean()
        errG.backward()
        optimG.step()

        watch.step(loss_D=errC, loss_G=errG)
