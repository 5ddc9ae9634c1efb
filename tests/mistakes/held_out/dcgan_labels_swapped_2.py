import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

bs, nz = 16, 100
G = nn.Sequential(
    nn.Linear(nz, 16 * 7 * 7),
    nn.Unflatten(1, (16, 7, 7)),
    nn.Upsample(scale_factor=2),
    nn.Conv2d(16, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.LeakyReLU(0.2),
    nn.Upsample(scale_factor=2),
    nn.Conv2d(8, 1, 3, padding=1),
    nn.Tanh(),
)
D = nn.Sequential(
    nn.Conv2d(1, 8, 3, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Dropout2d(0.25),
    nn.Conv2d(8, 16, 3, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Dropout2d(0.25),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)

loss = nn.BCEWithLogitsLoss()
opt_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, opt_G, opt_D)
loader = DataLoader(Digits(transform=normalize), batch_size=bs, shuffle=True)


def discriminator_loss(fake_out, real_out):
    real_loss = loss(real_out, torch.ones_like(real_out))
    fake_loss = loss(fake_out, torch.zeros_like(fake_out))
    return real_loss + fake_loss


def generator_loss(fake_out):
    return loss(fake_out, torch.ones_like(fake_out))


for epoch in range(6):
    for step, (real, _) in enumerate(loader):
        noise = torch.randn(real.size(0), nz)
        fake = G(noise)
        real_out = D(real)
        fake_out = D(fake.detach())
        loss_D = discriminator_loss(real_out, fake_out)
        opt_D.zero_grad()
        loss_D.backward()
        opt_D.step()

        loss_G = generator_loss(D(fake))
        opt_G.zero_grad()
        loss_G.backward()
        opt_G.step()

        if step % 40 == 0:
            print(f"{epoch} {step} {loss_D.item():.4f} {loss_G.item():.4f}")
        watch.step(loss_D=loss_D, loss_G=loss_G)
