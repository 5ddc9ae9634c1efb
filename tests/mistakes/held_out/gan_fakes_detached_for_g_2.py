import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class Trainer:
    def __init__(self, latent=64, hidden=200, lr=3e-4):
        self.latent = latent
        self.G = nn.Sequential(
            nn.Linear(latent, hidden), nn.LeakyReLU(0.1), nn.Linear(hidden, hidden), nn.LeakyReLU(0.1),
            nn.Linear(hidden, 784), nn.Tanh(),
        )
        self.D = nn.Sequential(
            nn.Linear(784, hidden), nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(hidden, 1),
        )
        self.loss = nn.BCEWithLogitsLoss()
        self.opt_g = torch.optim.Adam(self.G.parameters(), lr=lr, betas=(0.5, 0.999))
        self.opt_d = torch.optim.Adam(self.D.parameters(), lr=lr, betas=(0.5, 0.999))
        self.watch = ganatomy.watch(self.G, self.D, self.opt_g, self.opt_d)

    @torch.no_grad()
    def sample(self, n):
        z = torch.randn(n, self.latent)
        return self.G(z)

    def step_d(self, x):
        n = x.size(0)
        pred = torch.cat([self.D(x), self.D(self.sample(n))])
        target = torch.cat([torch.ones(n, 1), torch.zeros(n, 1)])
        loss = self.loss(pred, target)
        self.opt_d.zero_grad()
        loss.backward()
        self.opt_d.step()
        return loss.item()

    def step_g(self, n):
        loss = self.loss(self.D(self.sample(n)), torch.ones(n, 1))
        self.opt_g.zero_grad()
        loss.backward()
        self.opt_g.step()
        return loss.item()

    def run(self, loader, epochs):
        for epoch in range(1, epochs + 1):
            for x, _ in loader:
                ld = self.step_d(x.view(x.size(0), -1))
                lg = self.step_g(x.size(0))
                self.watch.step(loss_D=ld, loss_G=lg)
            print(f"[{epoch}/{epochs}] D={ld:.3f} G={lg:.3f}")


if __name__ == "__main__":
    train_loader = DataLoader(Digits(transform=normalize), batch_size=40, shuffle=True)
    Trainer().run(train_loader, epochs=10)
