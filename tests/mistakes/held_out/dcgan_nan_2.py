import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

NZ = 64


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(NZ, 16 * 7 * 7), nn.ReLU())
        self.deconv = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh()
        )

    def forward(self, z):
        return self.deconv(self.fc(z).view(-1, 16, 7, 7))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(0.2),
        )
        self.fc = nn.Linear(16 * 7 * 7, 1)
        self.prob = nn.Hardsigmoid()

    def forward(self, x):
        return self.prob(self.fc(self.conv(x).flatten(1)))


netG, netD = Generator(), Discriminator()
optG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
optD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optG, optD)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(10):
    for i, (real, _) in enumerate(loader):
        noise = torch.randn(real.size(0), NZ)
        fake = netG(noise)

        p_real, p_fake = netD(real), netD(fake.detach())
        lossD = -torch.mean(torch.log(p_real) + torch.log(1 - p_fake))
        optD.zero_grad()
        lossD.backward()
        optD.step()

        lossG = -torch.mean(torch.log(netD(fake)))
        optG.zero_grad()
        lossG.backward()
        optG.step()
        watch.step(loss_D=lossD, loss_G=lossG)
