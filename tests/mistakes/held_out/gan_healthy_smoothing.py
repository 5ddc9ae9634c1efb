import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits


def real_loss(D_out, smooth=False):
    labels = torch.ones(D_out.size(0))
    if smooth:
        labels = labels * 0.9
    return nn.functional.binary_cross_entropy_with_logits(D_out.squeeze(), labels)


def fake_loss(D_out):
    labels = torch.zeros(D_out.size(0))
    return nn.functional.binary_cross_entropy_with_logits(D_out.squeeze(), labels)


class Discriminator(nn.Module):
    def __init__(self, input_size, hidden_dim):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_dim * 4)
        self.fc2 = nn.Linear(hidden_dim * 4, hidden_dim)
        self.fc3 = nn.Linear(hidden_dim, 1)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x):
        x = x.view(-1, 28 * 28)
        x = self.dropout(nn.functional.leaky_relu(self.fc1(x), 0.2))
        x = self.dropout(nn.functional.leaky_relu(self.fc2(x), 0.2))
        return self.fc3(x)


class Generator(nn.Module):
    def __init__(self, z_size, hidden_dim):
        super().__init__()
        self.fc1 = nn.Linear(z_size, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, hidden_dim * 4)
        self.fc3 = nn.Linear(hidden_dim * 4, 28 * 28)

    def forward(self, z):
        z = nn.functional.leaky_relu(self.fc1(z), 0.2)
        z = nn.functional.leaky_relu(self.fc2(z), 0.2)
        return torch.tanh(self.fc3(z))


G, D = Generator(100, 64), Discriminator(784, 64)
d_optimizer = torch.optim.Adam(D.parameters(), 0.0005)
g_optimizer = torch.optim.Adam(G.parameters(), 0.0005)
watch = ganatomy.watch(G, D, g_optimizer, d_optimizer)

for epoch in range(20):
    for real_images, _ in DataLoader(Digits(), batch_size=32, shuffle=True):
        real_images = real_images * 2 - 1
        d_optimizer.zero_grad()
        fake_images = G(torch.rand(real_images.size(0), 100) * 2 - 1)
        d_loss = real_loss(D(real_images), smooth=True) + fake_loss(D(fake_images.detach()))
        d_loss.backward()
        d_optimizer.step()

        g_optimizer.zero_grad()
        g_loss = real_loss(D(G(torch.rand(real_images.size(0), 100) * 2 - 1)))
        g_loss.backward()
        g_optimizer.step()
        watch.step(loss_D=d_loss, loss_G=g_loss)
