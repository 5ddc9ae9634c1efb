import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

adam = dict(lr=1e-9, betas=(0.5, 0.999))

gen = nn.Sequential(
    nn.Linear(64, 16 * 7 * 7, bias=False),
    nn.BatchNorm1d(16 * 7 * 7),
    nn.ReLU(),
    nn.Unflatten(1, (16, 7, 7)),
    nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.ConvTranspose2d(8, 1, 4, 2, 1),
    nn.Tanh(),
)
disc = nn.Sequential(
    nn.Conv2d(1, 8, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(8, 16, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Dropout(0.25),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)
gen_opt = torch.optim.Adam(gen.parameters(), **adam)
disc_opt = torch.optim.Adam(disc.parameters(), **adam)
watch = ganatomy.watch(gen, disc, gen_opt, disc_opt)


def disc_loss(real_logits, fake_logits):
    real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return real + fake


def gen_loss(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


batches = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
for epoch in range(12):
    for real, _ in batches:
        z = torch.randn(real.size(0), 64)
        with torch.no_grad():
            fake = gen(z)
        d = disc_loss(disc(real), disc(fake))
        disc_opt.zero_grad()
        d.backward()
        disc_opt.step()

        g = gen_loss(disc(gen(z)))
        gen_opt.zero_grad()
        g.backward()
        gen_opt.step()
        watch.step(loss_D=d, loss_G=g)
    print("epoch %d  D: %.4f  G: %.4f" % (epoch + 1, d.item(), g.item()))
