import ganatomy
import torch
import torch.nn as nn
from lesson import Digits
from torch.autograd import grad
from torch.utils.data import DataLoader

lambda_gp = 10


class Gen(nn.Module):
    def __init__(self, z_dim=32):
        super().__init__()
        self.fc1 = nn.Linear(z_dim, 128)
        self.fc2 = nn.Linear(128, 256)
        self.fc3 = nn.Linear(256, 784)

    def forward(self, z):
        h = torch.relu(self.fc1(z))
        h = torch.relu(self.fc2(h))
        return torch.sigmoid(self.fc3(h))


class Disc(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 1)
        self.act = nn.LeakyReLU(0.1)

    def forward(self, x):
        h = self.act(self.fc1(x))
        h = self.act(self.fc2(h))
        return torch.sigmoid(self.fc3(h))


def gradient_penalty(disc, real, fake):
    eps = torch.rand(real.size(0), 1)
    mix = (eps * real + (1 - eps) * fake).requires_grad_(True)
    score = disc(mix)
    g = grad(score, mix, torch.ones_like(score), create_graph=True)[0]
    return ((g.norm(2, dim=1) - 1) ** 2).mean()


gen, disc = Gen(), Disc()
opt_gen = torch.optim.Adam(gen.parameters(), lr=1e-4, betas=(0.0, 0.9))
opt_disc = torch.optim.Adam(disc.parameters(), lr=1e-4, betas=(0.0, 0.9))
watch = ganatomy.watch(gen, disc, opt_gen, opt_disc)
loader = DataLoader(Digits(), batch_size=25, shuffle=True)

for _epoch in range(15):
    for real, _ in loader:
        real = real.view(-1, 784)
        for _ in range(2):
            fake = gen(torch.randn(len(real), 32)).detach()
            loss_disc = disc(fake).mean() - disc(real).mean() + lambda_gp * gradient_penalty(disc, real, fake)
            opt_disc.zero_grad()
            loss_disc.backward()
            opt_disc.step()
        loss_gen = -disc(gen(torch.randn(len(real), 32))).mean()
        opt_gen.zero_grad()
        loss_gen.backward()
        opt_gen.step()
        watch.step(loss_D=loss_disc, loss_G=loss_gen)
