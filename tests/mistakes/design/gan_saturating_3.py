import torch
import torch.nn as nn
import torch.optim as optim
from lesson import Digits, normalize
from torch.utils.data import DataLoader

import ganatomy


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(100, 256)
        self.fc2 = nn.Linear(256, 256)
        self.fc3 = nn.Linear(256, 784)

    def forward(self, z):
        x = torch.relu(self.fc1(z))
        x = torch.relu(self.fc2(x))
        return torch.tanh(self.fc3(x)).view(-1, 1, 28, 28)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 256)
        self.fc2 = nn.Linear(256, 256)
        self.fc3 = nn.Linear(256, 1)
        self.act = nn.LeakyReLU(0.1)

    def forward(self, x):
        x = x.view(x.size(0), -1)
        x = self.act(self.fc1(x))
        x = self.act(self.fc2(x))
        return torch.sigmoid(self.fc3(x))


G = Generator()
D = Discriminator()
criterion = nn.BCELoss()
optim_G = optim.Adam(G.parameters(), lr=0.0002)
optim_D = optim.Adam(D.parameters(), lr=0.0002)
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
watch = ganatomy.watch(G, D, optim_G, optim_D)

for epoch in range(30):
    for i, (real_x, _) in enumerate(loader):
        n = real_x.size(0)
        real_labels = torch.ones(n, 1)
        fake_labels = torch.zeros(n, 1)

        # train D
        z = torch.randn(n, 100)
        fake_x = G(z).detach()
        real_loss = criterion(D(real_x), real_labels)
        fake_loss = criterion(D(fake_x), fake_labels)
        loss_D = real_loss + fake_loss
        optim_D.zero_grad()
        loss_D.backward()
        optim_D.step()

        # train G
        z = torch.randn(n, 100)
        fake_x = G(z)
        loss_G = -criterion(D(fake_x), fake_labels)
        optim_G.zero_grad()
        loss_G.backward()
        optim_G.step()

        watch.step(loss_D=loss_D.item(), loss_G=loss_G.item())
