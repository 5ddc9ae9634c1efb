import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class Generator(nn.Module):
    def __init__(self, nz):
        super().__init__()
        self.l1 = nn.Linear(nz, 128)
        self.bn1 = nn.BatchNorm1d(128)
        self.l2 = nn.Linear(128, 256)
        self.bn2 = nn.BatchNorm1d(256)
        self.l3 = nn.Linear(256, 784)

    def forward(self, z):
        z = torch.relu(self.bn1(self.l1(z)))
        z = torch.relu(self.bn2(self.l2(z)))
        return torch.tanh(self.l3(z))


nz = 100
netG = Generator(nz)
netD = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))

optimizerD = optim.RMSprop(netD.parameters(), lr=5e-5)
optimizerG = optim.RMSprop(netG.parameters(), lr=5e-5)
watch = ganatomy.watch(netG, netD, optimizerG, optimizerD)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

gen_iterations = 0
for epoch in range(15):
    for i, (real, _) in enumerate(loader):
        real = real.view(real.size(0), -1)

        # (1) update D network
        for p in netD.parameters():
            p.requires_grad = True
        for p in netG.parameters():
            p.requires_grad = False
        netD.zero_grad()
        noise = torch.randn(real.size(0), nz)
        errD_real = netD(real).mean()
        errD_fake = netD(netG(noise)).mean()
        errD = errD_fake - errD_real
        errD.backward()
        optimizerD.step()
        for p in netD.parameters():
            p.data.clamp_(-0.01, 0.01)
        if i % 5 != 4:
            watch.step(loss_D=errD.item())
            continue

        # (2) update G network
        netG.zero_grad()
        noise = torch.randn(real.size(0), nz)
        errG = -netD(netG(noise)).mean()
        errG.backward()
        optimizerG.step()
        gen_iterations += 1
        if gen_iterations % 20 == 0:
            print(f"[{epoch}/15][{i}] Loss_D: {errD.item():.5f} Loss_G: {errG.item():.5f}")
        watch.step(loss_D=errD.item(), loss_G=errG.item())
