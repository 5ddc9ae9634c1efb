import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

EPS = 1e-8
mb_size = 32
Z_dim = 100
h_dim = 128


class Shengcheng(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(Z_dim, h_dim),
            nn.BatchNorm1d(h_dim),
            nn.ReLU(),
            nn.Linear(h_dim, 784),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z)


class Panbie(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(784, 2 * h_dim),
            nn.LeakyReLU(0.2),
            nn.Linear(2 * h_dim, h_dim),
            nn.LeakyReLU(0.2),
            nn.Linear(h_dim, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.net(x)


G, D = Shengcheng(), Panbie()
G_solver = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
D_solver = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, G_solver, D_solver)
loader = DataLoader(Digits(transform=normalize), batch_size=mb_size, shuffle=True)

for epoch in range(20):
    for X, _ in loader:
        X = X.view(-1, 784)
        z = torch.randn(X.size(0), Z_dim)

        D_real = D(X)
        D_fake = D(G(z).detach())
        D_loss = -torch.mean(torch.log(D_real + EPS) + torch.log(1 - D_fake + EPS))
        D_solver.zero_grad()
        D_loss.backward()
        D_solver.step()

        D_fake = D(G(z))
        G_loss = torch.mean(torch.log(1 - D_fake + EPS))
        G_solver.zero_grad()
        G_loss.backward()
        G_solver.step()
        watch.step(loss_D=D_loss.item(), loss_G=G_loss.item())
    print(f"Epoch-{epoch}; D_loss: {D_loss.item():.4f}; G_loss: {G_loss.item():.4f}")
