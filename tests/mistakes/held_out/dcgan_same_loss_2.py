import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader


class DCGenerator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 7, 1, 0, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(True),
            nn.ConvTranspose2d(16, 1, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.layers(z)


class DCDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(16, 32, 4, 2, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(32, 1, 7, 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.layers(x).view(-1, 1)


generator = DCGenerator()
discriminator = DCDiscriminator()
bce = nn.BCELoss()
g_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(generator, discriminator, g_optimizer, d_optimizer)

loader = DataLoader(Digits(transform=normalize), batch_size=20, shuffle=True)
for epoch in range(10):
    for real, _ in loader:
        b = real.size(0)
        ones, zeros = torch.ones(b, 1), torch.zeros(b, 1)
        fake = generator(torch.randn(b, 64, 1, 1))

        d_loss = bce(discriminator(real), ones) + bce(discriminator(fake.detach()), zeros)
        g_loss = bce(discriminator(fake), ones)
        loss = d_loss + g_loss

        d_optimizer.zero_grad()
        g_optimizer.zero_grad()
        loss.backward()
        d_optimizer.step()
        g_optimizer.step()

        watch.step(loss_D=loss, loss_G=loss)
    print(epoch, loss.item())
