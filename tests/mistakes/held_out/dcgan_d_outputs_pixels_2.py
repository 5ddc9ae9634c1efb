import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize
from torch.utils.data import DataLoader


class Generator(nn.Module):
    def __init__(self, nz):
        super().__init__()
        self.project = nn.Linear(nz, 16 * 7 * 7)
        self.up = nn.Sequential(
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.up(self.project(z).view(-1, 16, 7, 7))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(0.2),
        )
        self.classifier = nn.Linear(16 * 7 * 7, 28 * 28)

    def forward(self, img):
        h = self.features(img)
        return self.classifier(h.view(h.size(0), -1)).view(-1, 1, 28, 28)


nz = 80
netG, netD = Generator(nz), Discriminator()
loss_fn = nn.BCEWithLogitsLoss()
optG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
optD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optG, optD)

real_label = torch.tensor(1.0)
fake_label = torch.tensor(0.0)
for _epoch in range(10):
    for data in DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True):
        real = data[0]
        fake = netG(torch.randn(len(real), nz))
        netD.zero_grad()
        out = netD(real)
        errD_real = loss_fn(out, real_label.expand_as(out))
        errD_real.backward()
        out = netD(fake.detach())
        errD_fake = loss_fn(out, fake_label.expand_as(out))
        errD_fake.backward()
        optD.step()

        netG.zero_grad()
        out = netD(fake)
        errG = loss_fn(out, real_label.expand_as(out))
        errG.backward()
        optG.step()
        watch.step(loss_D=(errD_real + errD_fake).item(), loss_G=errG.item())
