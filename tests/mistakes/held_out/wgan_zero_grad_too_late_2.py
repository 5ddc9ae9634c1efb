import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

noise_dim = 32
clip_value = 0.01
n_critic = 3

G = nn.Sequential(
    nn.Linear(noise_dim, 16 * 7 * 7),
    nn.ReLU(),
    nn.Unflatten(1, (16, 7, 7)),
    nn.ConvTranspose2d(16, 16, 4, stride=2, padding=1),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
    nn.Tanh(),
)
C = nn.Sequential(
    nn.Conv2d(1, 8, 4, stride=2, padding=1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(8, 16, 4, stride=2, padding=1),
    nn.LeakyReLU(0.2),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 1),
)

opt_G = torch.optim.RMSprop(G.parameters(), lr=0.00005)
opt_C = torch.optim.RMSprop(C.parameters(), lr=0.00005)
watch = ganatomy.watch(G, C, opt_G, opt_C)


def train_critic(real):
    noise = torch.randn(real.size(0), noise_dim)
    with torch.no_grad():
        fake = G(noise)
    opt_C.zero_grad()
    loss = -(C(real).mean() - C(fake).mean())
    loss.backward()
    opt_C.step()
    for w in C.parameters():
        w.data.clamp_(-clip_value, clip_value)
    return loss.item()


def train_generator(size):
    noise = torch.randn(size, noise_dim)
    loss = -C(G(noise)).mean()
    loss.backward()
    opt_G.zero_grad()
    opt_G.step()
    return loss.item()


loader = DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True)
for epoch in range(12):
    for i, (x, y) in enumerate(loader):
        c_loss = train_critic(x)
        if i % n_critic == n_critic - 1:
            g_loss = train_generator(x.size(0))
            watch.step(loss_D=c_loss, loss_G=g_loss)
        else:
            watch.step(loss_D=c_loss)
    print(epoch, c_loss, g_loss)
