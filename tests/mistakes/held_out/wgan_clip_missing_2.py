import torch
from torch import nn, optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class G(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.fc = nn.Linear(dim, 16 * 7 * 7)
        self.up1 = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
        self.up2 = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)
        self.bn1, self.bn2 = nn.BatchNorm2d(16), nn.BatchNorm2d(8)

    def forward(self, z):
        h = torch.relu(self.bn1(self.fc(z).view(-1, 16, 7, 7)))
        h = torch.relu(self.bn2(self.up1(h)))
        return torch.tanh(self.up2(h))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 4, stride=2, padding=1)
        self.fc = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        x = nn.functional.leaky_relu(self.conv1(x), 0.2)
        x = nn.functional.leaky_relu(self.conv2(x), 0.2)
        return self.fc(x.flatten(1))


def train_critic(g, c, opt, real):
    opt.zero_grad()
    z = torch.randn(len(real), 64)
    loss = c(g(z).detach()).mean() - c(real).mean()
    loss.backward()
    opt.step()
    return loss.item()


def train_generator(g, c, opt, n):
    opt.zero_grad()
    loss = -c(g(torch.randn(n, 64))).mean()
    loss.backward()
    opt.step()
    return loss.item()


g, c = G(), Critic()
optG = optim.Adam(g.parameters(), lr=1e-4, betas=(0.0, 0.9))
optC = optim.Adam(c.parameters(), lr=1e-4, betas=(0.0, 0.9))
watch = ganatomy.watch(g, c, optG, optC)
data = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(10):
    for x, y in data:
        wd = train_critic(g, c, optC, x)
        wg = train_generator(g, c, optG, len(x))
        watch.step(loss_D=wd, loss_G=wg)
    print(epoch, wd, wg)
