import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class Generator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.z_dim = z_dim
        self.project = nn.Linear(z_dim, 8 * 7 * 7)
        self.deconv1 = nn.ConvTranspose2d(8, 8, 4, 2, 1)
        self.deconv2 = nn.ConvTranspose2d(8, 1, 4, 2, 1)
        self.bn0 = nn.BatchNorm2d(8)
        self.bn1 = nn.BatchNorm2d(8)

    def forward(self, z):
        x = F.relu(self.bn0(self.project(z).view(-1, 8, 7, 7)))
        x = F.relu(self.bn1(self.deconv1(x)))
        return torch.tanh(self.deconv2(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, 2, 2)
        self.conv2 = nn.Conv2d(8, 16, 5, 2, 2)
        self.fc = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        x = F.leaky_relu(self.conv1(x), 0.2)
        x = F.leaky_relu(self.conv2(x), 0.2)
        return torch.sigmoid(self.fc(x.flatten(1)))


G = Generator(100)
D = Discriminator()
optimizer_g = torch.optim.Adam(G.parameters(), 2e-4, betas=(0.5, 0.999))
optimizer_d = torch.optim.Adam(D.parameters(), 2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, optimizer_g, optimizer_d)
bce = F.binary_cross_entropy

dataset = Digits(transform=normalize)
for epoch in range(10):
    for images, labels in DataLoader(dataset, batch_size=32, shuffle=True):
        real_target = torch.ones(len(images), 1)
        fake_target = torch.zeros(len(images), 1)
        z = torch.randn(len(images), G.z_dim)
        fake_images = G(z)

        real_scores = D(images)
        fake_scores = D(fake_images).detach()
        d_loss = bce(real_scores, real_target) + bce(fake_scores, fake_target)
        optimizer_d.zero_grad()
        d_loss.backward()
        optimizer_d.step()

        g_loss = bce(D(fake_images), real_target)
        optimizer_g.zero_grad()
        g_loss.backward()
        optimizer_g.step()

        watch.step(loss_D=d_loss, loss_G=g_loss)
    print(f"epoch {epoch}  d_loss {d_loss.item():.4f}  g_loss {g_loss.item():.4f}  D(x) {real_scores.mean().item():.3f}")
