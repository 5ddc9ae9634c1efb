import torch
import torch.nn as nn
from torch.optim import Adam
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits

noise_size = 100
bce = nn.BCELoss()


class GeneratorNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden0 = nn.Sequential(nn.Linear(noise_size, 128), nn.LeakyReLU(0.2))
        self.hidden1 = nn.Sequential(nn.Linear(128, 256), nn.LeakyReLU(0.2))
        self.out = nn.Sequential(nn.Linear(256, 784), nn.Sigmoid())

    def forward(self, x):
        return self.out(self.hidden1(self.hidden0(x)))


class DiscriminatorNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden0 = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3))
        self.hidden1 = nn.Sequential(nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Dropout(0.3))
        self.out = nn.Sequential(nn.Linear(128, 1), nn.Sigmoid())

    def forward(self, x):
        return self.out(self.hidden1(self.hidden0(x)))


def get_optimizer(net):
    return Adam(net.parameters(), lr=0.0002, betas=(0.5, 0.999))


def train_discriminator(optimizer, real_data, fake_data):
    optimizer.zero_grad()
    error_real = bce(discriminator(real_data), torch.ones(real_data.size(0), 1))
    error_real.backward()
    error_fake = bce(discriminator(fake_data), torch.zeros(fake_data.size(0), 1))
    error_fake.backward()
    optimizer.step()
    return error_real + error_fake


def train_generator(optimizer, fake_data):
    optimizer.zero_grad()
    error = bce(discriminator(fake_data), torch.ones(fake_data.size(0), 1))
    error.backward()
    optimizer.step()
    return error


generator, discriminator = GeneratorNet(), DiscriminatorNet()
g_optimizer, d_optimizer = get_optimizer(generator), get_optimizer(discriminator)
watch = ganatomy.watch(generator, discriminator, g_optimizer, d_optimizer)

data_loader = DataLoader(Digits(), batch_size=50, shuffle=True)
for epoch in range(12):
    for real_batch, _ in data_loader:
        n = real_batch.size(0)
        d_optimizer = get_optimizer(discriminator)
        d_error = train_discriminator(d_optimizer, real_batch.view(n, 784), generator(torch.randn(n, noise_size)).detach())
        g_optimizer = get_optimizer(generator)
        g_error = train_generator(g_optimizer, generator(torch.randn(n, noise_size)))
        watch.step(loss_D=d_error.item(), loss_G=g_error.item())
