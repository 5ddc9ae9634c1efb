import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

NOISE = 96
BATCH = 50


def ls_discriminator_loss(scores_real, scores_fake):
    return 0.5 * ((scores_real - 1) ** 2).mean() + 0.5 * (scores_fake**2).mean()


def ls_generator_loss(scores_fake):
    return 0.5 * ((scores_fake - 1) ** 2).mean()


def sample_noise(n, dim):
    return 2 * torch.rand(n, dim) - 1


D = nn.Sequential(
    nn.Flatten(), nn.Linear(784, 256), nn.LeakyReLU(0.01), nn.Linear(256, 256), nn.LeakyReLU(0.01), nn.Linear(256, 1)
)
G = nn.Sequential(
    nn.Linear(NOISE, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 784), nn.Tanh()
)
D_solver = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
G_solver = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, G_solver, D_solver)

it = 0
for epoch in range(20):
    for x, _ in DataLoader(Digits(transform=normalize), batch_size=BATCH, shuffle=True):
        D_solver.zero_grad()
        fakes = G(sample_noise(len(x), NOISE)).detach()
        d_error = ls_discriminator_loss(D(x), D(fakes))
        d_error.backward()
        D_solver.step()

        G_solver.zero_grad()
        g_error = ls_generator_loss(D(G(sample_noise(len(x), NOISE))))
        g_error.backward()
        G_solver.step()

        watch.step(loss_D=d_error.item(), loss_G=g_error.item())
        if it % 200 == 0:
            print(f"Iter: {it}, D: {d_error.item():.4}, G: {g_error.item():.4}")
        it += 1
