import copy

import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

LATENT = 64

G = nn.Sequential(
    nn.Unflatten(1, (LATENT, 1, 1)),
    nn.ConvTranspose2d(LATENT, 16, 7),
    nn.BatchNorm2d(16),
    nn.LeakyReLU(0.1),
    nn.ConvTranspose2d(16, 8, 4, 2, 1),
    nn.BatchNorm2d(8),
    nn.LeakyReLU(0.1),
    nn.ConvTranspose2d(8, 1, 4, 2, 1),
    nn.Sigmoid(),
)
D = nn.Sequential(
    nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 16, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(784, 1)
)
G_ema = copy.deepcopy(G).eval()
for p in G_ema.parameters():
    p.requires_grad_(False)


@torch.no_grad()
def update_ema(decay=0.995):
    for p_ema, p in zip(G_ema.parameters(), G.parameters()):
        p_ema.lerp_(p, 1 - decay)
    for b_ema, b in zip(G_ema.buffers(), G.buffers()):
        b_ema.copy_(b)


opt_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.99))
opt_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.99))
watch = ganatomy.watch(G, D, opt_G, opt_D)
loader = DataLoader(Digits(), batch_size=32, shuffle=True)
softplus = nn.functional.softplus

for epoch in range(10):
    for real, _ in loader:
        fake = G(torch.randn(real.size(0), LATENT)).detach()
        loss_D = softplus(-D(real)).mean() + softplus(D(fake)).mean()
        opt_D.zero_grad(set_to_none=True)
        loss_D.backward()
        opt_D.step()

        loss_G = softplus(-D(G(torch.randn(real.size(0), LATENT)))).mean()
        opt_G.zero_grad(set_to_none=True)
        loss_G.backward()
        opt_G.step()
        update_ema()

        watch.step(loss_D=loss_D.detach(), loss_G=loss_G.detach())
    with torch.no_grad():
        samples = G_ema(torch.randn(16, LATENT))
