import math

import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

latent = 64
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)


def prior_init(net, prior=0.01):
    b = -math.log((1 - prior) / prior)
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.constant_(layer.bias, b)


generator = nn.Sequential(
    nn.Linear(latent, 128),
    nn.ReLU(),
    nn.Linear(128, 256),
    nn.ReLU(),
    nn.Linear(256, 784),
    nn.Tanh(),
)
discriminator = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 256),
    nn.ReLU(),
    nn.Linear(256, 128),
    nn.ReLU(),
    nn.Linear(128, 1),
)
prior_init(discriminator)

bce = nn.BCEWithLogitsLoss()
g_optim = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
d_optim = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(generator, discriminator, g_optim, d_optim)

for epoch in range(20):
    for images, _ in loader:
        n = images.size(0)
        ones, zeros = torch.ones(n, 1), torch.zeros(n, 1)

        d_optim.zero_grad()
        fake = generator(torch.randn(n, latent))
        d_loss = bce(discriminator(images), ones) + bce(discriminator(fake.detach()), zeros)
        d_loss.backward()
        d_optim.step()

        g_optim.zero_grad()
        g_loss = bce(discriminator(fake), ones)
        g_loss.backward()
        g_optim.step()

        watch.step(loss_D=d_loss, loss_G=g_loss)
    print(f"epoch {epoch}: D {d_loss.item():.3f} G {g_loss.item():.3f}")
