import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz, ngf, ndf = 50, 8, 8
dataloader = DataLoader(Digits(transform=normalize), batch_size=24, shuffle=True)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 2, 7, 1, 0),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z)


netD = nn.Sequential(
    nn.Conv2d(1, ndf, 4, 2, 1),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
    nn.BatchNorm2d(ndf * 2),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf * 2, 1, 7, 1, 0),
    nn.Sigmoid(),
    nn.Flatten(0),
)


def dark_background(m):
    if getattr(m, "bias", None) is not None:
        nn.init.constant_(m.bias, -3.0)


netG = Generator()
netG.apply(dark_background)
criterion = nn.BCELoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optimizerG, optimizerD)

for epoch in range(15):
    for real, _ in dataloader:
        b = real.size(0)
        netD.zero_grad()
        errD_real = criterion(netD(real), torch.full((b,), 1.0))
        errD_real.backward()
        fake = netG(torch.randn(b, nz, 1, 1))
        errD_fake = criterion(netD(fake.detach()), torch.full((b,), 0.0))
        errD_fake.backward()
        optimizerD.step()

        netG.zero_grad()
        errG = criterion(netD(fake), torch.full((b,), 1.0))
        errG.backward()
        optimizerG.step()
        watch.step(loss_D=errD_real + errD_fake, loss_G=errG)
