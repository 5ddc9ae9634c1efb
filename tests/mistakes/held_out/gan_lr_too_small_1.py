import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits

num_epochs = 25
batch_size = 32
lr = 2e-10
noise_size = 100

train = DataLoader(Digits(), batch_size=batch_size, shuffle=True)


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


generator = GeneratorNet()
discriminator = DiscriminatorNet()
d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=lr)
g_optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
loss = nn.BCELoss()
watch = ganatomy.watch(generator, discriminator, g_optimizer, d_optimizer)


def train_discriminator(real_data, fake_data):
    n = real_data.size(0)
    d_optimizer.zero_grad()
    error_real = loss(discriminator(real_data), torch.ones(n, 1))
    error_real.backward()
    error_fake = loss(discriminator(fake_data), torch.zeros(n, 1))
    error_fake.backward()
    d_optimizer.step()
    return error_real + error_fake


def train_generator(fake_data):
    g_optimizer.zero_grad()
    error = loss(discriminator(fake_data), torch.ones(fake_data.size(0), 1))
    error.backward()
    g_optimizer.step()
    return error


for epoch in range(num_epochs):
    for real_batch, _ in train:
        real_data = real_batch.view(-1, 784)
        d_error = train_discriminator(real_data, generator(torch.randn(real_data.size(0), noise_size)).detach())
        g_error = train_generator(generator(torch.randn(real_data.size(0), noise_size)))
        watch.step(loss_D=d_error, loss_G=g_error)
