import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

nz = 100
netG = nn.Sequential(
    nn.ConvTranspose2d(nz, 16, 7, 1, 0, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(True),
    nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
    nn.BatchNorm2d(8),
    nn.ReLU(True),
    nn.ConvTranspose2d(8, 1, 4, 2, 1, bias=False),
    nn.Tanh(),
)
netD = nn.Sequential(
    nn.Conv2d(1, 8, 4, 2, 1, bias=False),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(8, 16, 4, 2, 1, bias=False),
    nn.BatchNorm2d(16),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(16, 1, 7, 1, 0, bias=False),
    nn.Flatten(),
    nn.Sigmoid(),
)


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


netG.apply(weights_init)
netD.apply(weights_init)
criterion = nn.BCELoss()
optD = optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
optG = optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optG, optD)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(5):
    for i, (real, _) in enumerate(loader):
        b_size = real.size(0)
        ones, zeros = torch.ones(b_size, 1), torch.zeros(b_size, 1)
        noise = torch.randn(b_size, nz, 1, 1)
        fake = netG(noise).detach()

        netD.zero_grad()
        lossD = criterion(netD(real), ones) + criterion(netD(fake), zeros)
        lossD.backward()
        optD.step()

        netG.zero_grad()
        lossG = criterion(netD(fake), ones)
        lossG.backward()
        optG.step()

        if i % 25 == 0:
            print(epoch, i, round(lossD.item(), 3), round(lossG.item(), 3))
        watch.step(loss_D=lossD, loss_G=lossG)
