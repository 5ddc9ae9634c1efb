import torch
import torch.nn.functional as F
from lesson import Digits
from torch import nn

import ganatomy

latent_dim = 64

gen = nn.Sequential(
    nn.Linear(latent_dim, 128),
    nn.ReLU(),
    nn.Linear(128, 256),
    nn.ReLU(),
    nn.Linear(256, 28 * 28),
    nn.Sigmoid(),
)
disc = nn.Sequential(
    nn.Linear(28 * 28, 256),
    nn.LeakyReLU(0.2),
    nn.Dropout(0.3),
    nn.Linear(256, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 1),
)

opt_gen = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_disc = torch.optim.Adam(disc.parameters(), lr=2e-4, betas=(0.5, 0.999))
data = torch.utils.data.DataLoader(Digits(), batch_size=48, shuffle=True)
watch = ganatomy.watch(gen, disc, opt_gen, opt_disc)


def bce(logits, value):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, value))


for epoch in range(20):
    for images, _ in data:
        real = images.reshape(len(images), -1)

        opt_disc.zero_grad()
        fake = gen(torch.randn(len(real), latent_dim))
        d_loss = (bce(disc(real), 0.9) + bce(disc(fake.detach()), 0.0)) / 2
        d_loss.backward()
        opt_disc.step()

        opt_gen.zero_grad()
        g_loss = bce(disc(fake), 1.0)
        g_loss.backward()
        opt_gen.step()

        watch.step(d_loss=d_loss, g_loss=g_loss)
