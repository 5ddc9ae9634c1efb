import ganatomy
import torch
import torch.nn as nn
import torch.nn.functional as F
from lesson import Digits
from torch.utils.data import DataLoader


def block(i, o):
    return [nn.Linear(i, o), nn.BatchNorm1d(o), nn.LeakyReLU(0.2)]


G = nn.Sequential(*block(48, 128), *block(128, 256), nn.Linear(256, 784), nn.Sigmoid())
D = nn.Sequential(*block(784, 256), *block(256, 64), nn.Linear(64, 1))


class Trainer:
    def __init__(self, g, d, batch_size=32):
        self.g, self.d = g, d
        self.loader = DataLoader(Digits(), batch_size=batch_size, shuffle=True)
        self.g_optim = torch.optim.Adam(g.parameters(), lr=1e-4, betas=(0.5, 0.999))
        self.d_optim = torch.optim.Adam(d.parameters(), lr=1e-4, betas=(0.5, 0.999))
        self.watch = ganatomy.watch(g, d, self.g_optim, self.d_optim)

    def fit(self, epochs):
        for _ in range(epochs):
            for x, _ in self.loader:
                x = x.view(x.size(0), -1)
                d_loss = self.train_d(x)
                g_loss = self.train_g(x.size(0))
                self.watch.step(loss_D=d_loss, loss_G=g_loss)

    def train_d(self, x):
        n = x.size(0)
        with torch.no_grad():
            fake = self.g(torch.randn(n, 48))
        scores = self.d(torch.cat((x, fake)))
        real_score, fake_score = scores[:n], scores[n:]
        loss = F.softplus(-real_score).mean() + F.softplus(fake_score).mean()
        self.d_optim.zero_grad()
        loss.backward()
        self.d_optim.step()
        return loss

    def train_g(self, n):
        loss = F.softplus(-self.d(self.g(torch.randn(n, 48)))).mean()
        self.g_optim.zero_grad()
        loss.backward()
        self.g_optim.step()
        return loss


trainer = Trainer(G, D)
trainer.fit(epochs=20)
