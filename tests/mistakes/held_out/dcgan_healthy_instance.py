import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

EPOCHS, SIGMA = 12, 0.2


def add_noise(x, epoch):
    return x + SIGMA * (1 - epoch / EPOCHS) * torch.randn_like(x)


class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Sequential(nn.Linear(50, 16 * 7 * 7), nn.BatchNorm1d(16 * 7 * 7), nn.ReLU())
        self.body = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Conv2d(16, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.body(self.start(z).reshape(-1, 16, 7, 7))


class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 3, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(16 * 49, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.seq(x)


g, d = G(), D()
optim_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
optim_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
loss_fn = nn.BCELoss()
watch = ganatomy.watch(g, d, optim_g, optim_d)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(EPOCHS):
    for real, _ in loader:
        valid, fake_label = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        fake = g(torch.randn(len(real), 50))

        optim_d.zero_grad()
        d_loss = loss_fn(d(add_noise(real, epoch)), valid) + loss_fn(d(add_noise(fake.detach(), epoch)), fake_label)
        d_loss.backward()
        optim_d.step()

        optim_g.zero_grad()
        g_loss = loss_fn(d(add_noise(fake, epoch)), valid)
        g_loss.backward()
        optim_g.step()
        watch.step(loss_D=d_loss, loss_G=g_loss)
