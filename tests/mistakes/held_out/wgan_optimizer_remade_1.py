import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

lr, c, nz = 5e-5, 0.01, 64


class G_net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(nz, 8 * 7 * 7), nn.BatchNorm1d(8 * 7 * 7), nn.ReLU())
        self.conv = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 1, 3, padding=1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.conv(self.fc(z).view(-1, 8, 7, 7))


class D_net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        )
        self.fc = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))


def make_optimizers(epoch):
    new_lr = lr * 0.98**epoch
    return torch.optim.RMSprop(G.parameters(), lr=new_lr), torch.optim.RMSprop(D.parameters(), lr=new_lr)


G, D = G_net(), D_net()
loader = DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True)
opt_G, opt_D = make_optimizers(0)
watch = ganatomy.watch(G, D, opt_G, opt_D)

for epoch in range(10):
    for i, (real, _) in enumerate(loader):
        opt_G, opt_D = make_optimizers(epoch)
        opt_D.zero_grad()
        fake = G(torch.randn(real.size(0), nz))
        loss_D = D(fake.detach()).mean() - D(real).mean()
        loss_D.backward()
        opt_D.step()
        for p in D.parameters():
            p.data.clamp_(-c, c)

        opt_G.zero_grad()
        loss_G = -D(fake).mean()
        loss_G.backward()
        opt_G.step()
        watch.step(loss_D=loss_D, loss_G=loss_G)
