import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz, ngf, ndf = 100, 8, 8


class Generator(nn.Module):
    def __init__(self):
        super(Generator, self).__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 4, 7, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, 1, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, input):
        return self.main(input)


class Discriminator(nn.Module):
    def __init__(self):
        super(Discriminator, self).__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 7, 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, input):
        return self.main(input).view(-1)


netG, netD = Generator(), Discriminator()
criterion = nn.BCELoss()
optimizerD = optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optimizerG, optimizerD)

dataloader = DataLoader(Digits(transform=normalize), batch_size=24, shuffle=True)
for epoch in range(8):
    for data in dataloader:
        real = data[0]
        b = real.size(0)
        errD_real = criterion(netD(real), torch.ones(b))
        fake = netG(torch.randn(b, nz, 1, 1))
        errD_fake = criterion(netD(fake.detach()), torch.zeros(b))
        errD = errD_real + errD_fake
        errD.backward()
        netD.zero_grad()
        optimizerD.step()

        errG = criterion(netD(fake), torch.ones(b))
        errG.backward()
        netG.zero_grad()
        optimizerG.step()
        watch.step(loss_D=errD, loss_G=errG)
