import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize
from torch.utils.data import DataLoader

nz = 64
netG = nn.Sequential(
    nn.Linear(nz, 32 * 7 * 7, bias=False),
    nn.Unflatten(1, (32, 7, 7)),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, 2, 1),
    nn.Tanh(),
)
netD = nn.Sequential(
    nn.Conv2d(1, 16, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(16, 32, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Flatten(),
    nn.Linear(32 * 7 * 7, 1),
)
criterion = nn.BCEWithLogitsLoss()
optG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
optD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(netG, netD, optG, optD)

fixed_noise = torch.randn(16, nz)
samples = []


def save_samples():
    netG.eval()
    with torch.no_grad():
        samples.append(netG(fixed_noise))


loader = DataLoader(Digits(transform=normalize), batch_size=24, shuffle=True)
for epoch in range(10):
    for i, (real, _) in enumerate(loader):
        if i % 50 == 0:
            save_samples()
        n = real.size(0)
        valid, fake = torch.ones(n, 1), torch.zeros(n, 1)
        gen_imgs = netG(torch.randn(n, nz))

        optG.zero_grad()
        loss_G = criterion(netD(gen_imgs), valid)
        loss_G.backward()
        optG.step()

        optD.zero_grad()
        loss_D = (criterion(netD(real), valid) + criterion(netD(gen_imgs.detach()), fake)) / 2
        loss_D.backward()
        optD.step()
        watch.step(loss_D=loss_D, loss_G=loss_G)
    print(f"Epoch {epoch}: D {loss_D.item():.3f} G {loss_G.item():.3f}")
