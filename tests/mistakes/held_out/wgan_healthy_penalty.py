import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

latent_dim, n_critic, lambda_gp = 100, 5, 10
dataloader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()

        def block(n_in, n_out):
            return [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.LeakyReLU(0.2, inplace=True)]

        self.model = nn.Sequential(*block(latent_dim, 128), *block(128, 256), nn.Linear(256, 784), nn.Tanh())

    def forward(self, z):
        return self.model(z).view(z.size(0), 1, 28, 28)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)
        )

    def forward(self, img):
        return self.model(img.view(img.size(0), -1))


def compute_gradient_penalty(D, real, fake):
    alpha = torch.rand(real.size(0), 1, 1, 1)
    x_hat = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    d_hat = D(x_hat)
    grad = torch.autograd.grad(d_hat, x_hat, torch.ones_like(d_hat), create_graph=True, retain_graph=True)[0]
    return ((grad.view(grad.size(0), -1).norm(2, dim=1) - 1) ** 2).mean()


generator, discriminator = Generator(), Discriminator()
optimizer_G = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.0, 0.9))
optimizer_D = torch.optim.Adam(discriminator.parameters(), lr=1e-4, betas=(0.0, 0.9))
watch = ganatomy.watch(generator, discriminator, optimizer_G, optimizer_D)

for epoch in range(20):
    for i, (real_imgs, _) in enumerate(dataloader):
        optimizer_D.zero_grad()
        z = torch.randn(real_imgs.size(0), latent_dim)
        fake_imgs = generator(z).detach()
        gp = compute_gradient_penalty(discriminator, real_imgs, fake_imgs)
        d_loss = -discriminator(real_imgs).mean() + discriminator(fake_imgs).mean() + lambda_gp * gp
        d_loss.backward()
        optimizer_D.step()

        if i % n_critic == 0:
            optimizer_G.zero_grad()
            g_loss = -discriminator(generator(z)).mean()
            g_loss.backward()
            optimizer_G.step()
            watch.step(loss_D=d_loss, loss_G=g_loss)
        else:
            watch.step(loss_D=d_loss)
