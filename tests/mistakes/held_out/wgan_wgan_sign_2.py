import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize

nz = 50


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, 32, 7, 1, 0, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(True),
            nn.ConvTranspose2d(16, 1, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, 16, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(16, 32, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
        )
        self.out = nn.Linear(32 * 7 * 7, 1)

    def forward(self, x):
        return self.out(self.main(x).flatten(1))


G, C = Generator(), Critic()
optG = torch.optim.RMSprop(G.parameters(), lr=0.00005)
optC = torch.optim.RMSprop(C.parameters(), lr=0.00005)
watch = ganatomy.watch(G, C, optG, optC)

dataloader = torch.utils.data.DataLoader(Digits(transform=normalize), batch_size=24, shuffle=True)
step = 0
for epoch in range(10):
    for real, _ in dataloader:
        noise = torch.randn(real.shape[0], nz, 1, 1)
        with torch.no_grad():
            fake = G(noise)
        # W = E[C(x)] - E[C(G(z))]
        loss_C = C(real).mean() - C(fake).mean()
        optC.zero_grad()
        loss_C.backward()
        optC.step()
        with torch.no_grad():
            for w in C.parameters():
                w.clamp_(-0.01, 0.01)
        if step % 3 == 0:
            loss_G = -C(G(torch.randn(real.shape[0], nz, 1, 1))).mean()
            optG.zero_grad()
            loss_G.backward()
            optG.step()
            watch.step(loss_D=loss_C.item(), loss_G=loss_G.item())
        else:
            watch.step(loss_D=loss_C.item())
        step += 1
