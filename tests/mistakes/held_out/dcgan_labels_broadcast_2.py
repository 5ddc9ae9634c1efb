import ganatomy
import torch
from lesson import Digits
from torch import nn
from torch.utils.data import DataLoader

NOISE = 62


def build_g():
    return nn.Sequential(
        nn.Linear(NOISE, 24 * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (24, 7, 7)),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(24, 16, 3, padding=1),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(16, 1, 3, padding=1),
        nn.Sigmoid(),
    )


def build_d():
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(16, 24, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(24 * 7 * 7, 1),
        nn.Sigmoid(),
    )


def bce(p, y, eps=1e-7):
    return -(y * torch.log(p + eps) + (1 - y) * torch.log(1 - p + eps)).mean()


g_model, d_model = build_g(), build_d()
g_opt = torch.optim.Adam(g_model.parameters(), lr=2e-4, betas=(0.5, 0.999))
d_opt = torch.optim.Adam(d_model.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(g_model, d_model, g_opt, d_opt)

dataset = DataLoader(Digits(), batch_size=16, shuffle=True)
for _epoch in range(8):
    for x_real, _ in dataset:
        half = x_real.shape[0]
        # update discriminator on a combined batch
        x_fake = g_model(torch.randn(half, NOISE)).detach()
        X = torch.cat([x_real, x_fake])
        y = torch.cat([torch.ones(half), torch.zeros(half)])
        d_loss = bce(d_model(X), y)
        d_opt.zero_grad()
        d_loss.backward()
        d_opt.step()
        # update generator via the discriminator's error
        y_gan = torch.ones(half)
        g_loss = bce(d_model(g_model(torch.randn(half, NOISE))), y_gan)
        g_opt.zero_grad()
        g_loss.backward()
        g_opt.step()
        watch.step(loss_D=d_loss.item(), loss_G=g_loss.item())
