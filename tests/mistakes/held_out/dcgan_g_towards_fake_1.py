import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz = 64
real_label, fake_label = 1.0, 0.0


class NetG(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, 16, 7, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(True),
            nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(True),
            nn.ConvTranspose2d(8, 1, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.main(x)


class NetD(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(8, 16, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(16, 1, 7, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.main(x).view(-1)


netG, netD = NetG(), NetD()
criterion = nn.BCELoss()
optimizerD = optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optimizerG, optimizerD)

for epoch in range(6):
    for data, _ in DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True):
        netD.zero_grad()
        label = torch.full((data.size(0),), real_label)
        errD_real = criterion(netD(data), label)
        errD_real.backward()
        fake = netG(torch.randn(data.size(0), nz, 1, 1))
        label.fill_(fake_label)
        errD_fake = criterion(netD(fake.detach()), label)
        errD_fake.backward()
        optimizerD.step()

        netG.zero_grad()
        output = netD(fake)
        errG = criterion(output, label)
        errG.backward()
        optimizerG.step()
        watch.step(loss_D=errD_real + errD_fake, loss_G=errG)
