import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

z_dim = 50


def gen_block(c_in, c_out):
    return nn.Sequential(nn.ConvTranspose2d(c_in, c_out, 4, 2, 1), nn.BatchNorm2d(c_out), nn.ReLU(True))


def disc_block(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 4, 2, 1), nn.LeakyReLU(0.2, True))


gen = nn.Sequential(
    nn.Linear(z_dim, 32 * 7 * 7),
    nn.Unflatten(1, (32, 7, 7)),
    nn.BatchNorm2d(32),
    nn.ReLU(True),
    gen_block(32, 16),
    nn.ConvTranspose2d(16, 1, 4, 2, 1),
    nn.Tanh(),
)
disc = nn.Sequential(
    disc_block(1, 8),
    disc_block(8, 16),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)

loss_fn = nn.BCEWithLogitsLoss()
gen_opt = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
disc_opt = torch.optim.Adam(disc.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, disc, gen_opt, disc_opt)
loader = DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True)

n_epochs = 8
for epoch in range(n_epochs):
    running_d, running_g = 0.0, 0.0
    for real, _ in loader:
        gen_opt.zero_grad()
        disc_opt.zero_grad()

        fake = gen(torch.randn(len(real), z_dim))

        # discriminator
        pred_real = disc(real)
        pred_fake = disc(fake)
        loss_real = loss_fn(pred_real, torch.ones_like(pred_real))
        loss_fake = loss_fn(pred_fake, torch.zeros_like(pred_fake))
        disc_loss = (loss_real + loss_fake) / 2
        disc_loss.backward(retain_graph=True)
        disc_opt.step()

        # generator
        pred = disc(fake)
        gen_loss = loss_fn(pred, torch.ones_like(pred))
        gen_loss.backward()
        gen_opt.step()

        running_d += disc_loss.item()
        running_g += gen_loss.item()
        watch.step(loss_D=disc_loss, loss_G=gen_loss)
    print(f"Epoch {epoch}: disc {running_d / len(loader):.4f} gen {running_g / len(loader):.4f}")
