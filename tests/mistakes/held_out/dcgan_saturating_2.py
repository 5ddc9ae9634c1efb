import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits


class Generator(nn.Module):
    def __init__(self, latent_dim=100):
        super().__init__()
        self.latent_dim = latent_dim
        self.linear = nn.Sequential(nn.Linear(latent_dim, 16 * 7 * 7), nn.BatchNorm1d(16 * 7 * 7), nn.ReLU())
        self.conv = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 4, 2, 1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1),
            nn.Sigmoid(),
        )

    def forward(self, n):
        z = torch.randn(n, self.latent_dim)
        return self.conv(self.linear(z).view(n, 16, 7, 7))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(0.2),
        )
        self.classifier = nn.Linear(16 * 7 * 7, 1)

    def forward(self, img):
        return self.classifier(self.features(img).flatten(1)).squeeze(1)


generator = Generator()
discriminator = Discriminator()
criterion = nn.BCEWithLogitsLoss()
optim_gen = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
optim_disc = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(generator, discriminator, optim_gen, optim_disc)
trainloader = DataLoader(Digits(), batch_size=16, shuffle=True)

for epoch in range(6):
    for real, _ in trainloader:
        n = real.size(0)
        zeros, ones = torch.zeros(n), torch.ones(n)

        optim_disc.zero_grad()
        fake = generator(n).detach()
        disc_loss = criterion(discriminator(real), ones) + criterion(discriminator(fake), zeros)
        disc_loss.backward()
        optim_disc.step()

        optim_gen.zero_grad()
        gen_loss = -criterion(discriminator(generator(n)), zeros)
        gen_loss.backward()
        optim_gen.step()

        watch.step(loss_D=disc_loss, loss_G=gen_loss)
    print(f"epoch {epoch} | disc {disc_loss.item():.4f} | gen {gen_loss.item():.4f}")
