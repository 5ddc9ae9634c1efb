import torch
import torch.nn as nn
import torch.optim as optim
from lesson import Digits, normalize

import ganatomy


class DCGenerator(nn.Module):
    def __init__(self, z_dim=100):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(z_dim, 32 * 7 * 7), nn.BatchNorm1d(32 * 7 * 7), nn.ReLU())
        self.deconv = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh(),
        )

    def forward(self, z):
        return self.deconv(self.fc(z).view(-1, 32, 7, 7))


class DCDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 16, 5), nn.LeakyReLU(0.1), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 5), nn.LeakyReLU(0.1), nn.MaxPool2d(2),
        )
        self.fc = nn.Sequential(nn.Linear(512, 128), nn.LeakyReLU(0.1), nn.Linear(128, 1))

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))


G, D = DCGenerator(), DCDiscriminator()
G_optim = optim.RMSprop(G.parameters(), lr=5e-5)
D_optim = optim.RMSprop(D.parameters(), lr=5e-5)
loader = torch.utils.data.DataLoader(Digits(normalize), batch_size=16, shuffle=True)
watch = ganatomy.watch(G, D, G_optim, D_optim)

for epoch in range(5):
    for real, _ in loader:
        b = real.shape[0]
        for _ in range(3):
            z = torch.randn(b, 100)
            fake = G(z).detach()
            loss_D = -(D(real).mean() - D(fake).mean())
            D_optim.zero_grad()
            loss_D.backward()
            D_optim.step()
            for p in D.parameters():
                p.data.clamp_(-0.01, 0.01)
        z = torch.randn(b, 100)
        loss_G = -D(G(z)).mean()
        G_optim.zero_grad()
        loss_G.backward()
        G_optim.step()
        watch.step(loss_D=loss_D.item(), loss_G=loss_G.item())
