import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits


class MLP(nn.Module):
    def __init__(self, sizes, last=None):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:]))
        self.last = last

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
        x = self.layers[-1](x)
        return self.last(x) if self.last else x


Z_DIM = 48
G = MLP([Z_DIM, 128, 256, 784], last=torch.sigmoid)
D = MLP([784, 256, 128, 1])

solver_G = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
solver_D = torch.optim.Adam(D.parameters(), lr=5e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, solver_G, solver_D)


def bce(logits, value):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, value))


def d_loss_fn(logits_real, logits_fake):
    return bce(logits_real, 1.0) + bce(logits_fake, 0.0)


def g_loss_fn(logits_fake):
    return bce(logits_fake, 0.0)


loader = DataLoader(Digits(), batch_size=32, shuffle=True)
iter_count = 0
for epoch in range(10):
    for x, _ in loader:
        x = x.reshape(x.shape[0], -1)

        solver_D.zero_grad()
        with torch.no_grad():
            fakes = G(torch.randn(x.shape[0], Z_DIM))
        d_error = d_loss_fn(D(x), D(fakes))
        d_error.backward()
        solver_D.step()

        solver_G.zero_grad()
        fakes = G(torch.randn(x.shape[0], Z_DIM))
        g_error = g_loss_fn(D(fakes))
        g_error.backward()
        solver_G.step()

        if iter_count % 100 == 0:
            print("Iter: {}, D: {:.4}, G: {:.4}".format(iter_count, d_error.item(), g_error.item()))
        iter_count += 1
        watch.step(loss_D=d_error, loss_G=g_error)
