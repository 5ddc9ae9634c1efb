import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader

LATENT = 64


class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(
            nn.ConvTranspose2d(LATENT, 32, 7),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 12, 4, 2, 1),
            nn.BatchNorm2d(12),
            nn.ReLU(),
            nn.ConvTranspose2d(12, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.seq(z[:, :, None, None])


class Dis(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(
            nn.Conv2d(1, 12, 4, 2, 1),
            nn.BatchNorm2d(12),
            nn.LeakyReLU(0.2),
            nn.Conv2d(12, 32, 4, 2, 1),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.seq(x)


gen, dis = Gen(), Dis()
opt_gen = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_dis = torch.optim.Adam(dis.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, dis, opt_gen, opt_dis)
bce = nn.BCELoss()

loader = DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True)
for _epoch in range(6):
    for x, _ in loader:
        n = x.size(0)
        fake = gen(torch.randn(n, LATENT)).detach()
        images = torch.cat([x, fake], dim=0)
        labels = torch.cat([torch.ones(n, 1), torch.zeros(n, 1)], dim=0)
        opt_dis.zero_grad()
        loss_dis = bce(dis(images), labels)
        loss_dis.backward()
        opt_dis.step()

        opt_gen.zero_grad()
        loss_gen = bce(dis(gen(torch.randn(n, LATENT))), torch.ones(n, 1))
        loss_gen.backward()
        opt_gen.step()
        watch.step(loss_D=loss_dis.item(), loss_G=loss_gen.item())
