import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

latent_size = 64
hidden = 256


def make_generator():
    return nn.Sequential(
        nn.Linear(latent_size, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 784), nn.Tanh()
    )


def make_critic():
    return nn.Sequential(
        nn.Linear(784, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1)
    )


G, C = make_generator(), make_critic()
g_optimizer = torch.optim.Adam(G.parameters(), lr=5e-5)
c_optimizer = torch.optim.Adam(C.parameters(), lr=5e-5)
watch = ganatomy.watch(G, C, g_optimizer, c_optimizer)
data_loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

iteration = 0
for epoch in range(25):
    for images, _ in data_loader:
        iteration += 1
        images = images.reshape(images.size(0), -1)

        fake_images = G(torch.randn(images.size(0), latent_size)).detach()
        c_loss = C(fake_images).mean() - C(images).mean()
        c_optimizer.zero_grad()
        c_loss.backward()
        c_optimizer.step()
        for param in C.parameters():
            param.data.clamp_(-0.01, 0.01)

        if iteration % 5:
            watch.step(loss_D=c_loss)
            continue

        g_loss = -C(G(torch.randn(images.size(0), latent_size))).mean()
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        watch.step(loss_D=c_loss, loss_G=g_loss)
