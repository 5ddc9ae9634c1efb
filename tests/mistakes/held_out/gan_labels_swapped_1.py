import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

criterion = nn.BCELoss()


class Generator(nn.Module):
    def __init__(self, g_input_dim, g_output_dim):
        super().__init__()
        self.fc1 = nn.Linear(g_input_dim, 64)
        self.fc2 = nn.Linear(64, 128)
        self.fc3 = nn.Linear(128, 256)
        self.fc4 = nn.Linear(256, g_output_dim)

    def forward(self, x):
        for fc in (self.fc1, self.fc2, self.fc3):
            x = nn.functional.leaky_relu(fc(x), 0.2)
        return torch.tanh(self.fc4(x))


class Discriminator(nn.Module):
    def __init__(self, d_input_dim):
        super().__init__()
        self.fc1 = nn.Linear(d_input_dim, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 1)

    def forward(self, x):
        for fc in (self.fc1, self.fc2):
            x = nn.functional.dropout(nn.functional.leaky_relu(fc(x), 0.2), 0.3, self.training)
        return torch.sigmoid(self.fc3(x))


def D_train(x):
    D.zero_grad()
    x_real = x.view(-1, 784)
    D_real_loss = criterion(D(x_real), torch.zeros(x_real.size(0), 1))
    x_fake = G(torch.randn(x_real.size(0), 100)).detach()
    D_fake_loss = criterion(D(x_fake), torch.ones(x_real.size(0), 1))
    D_loss = D_real_loss + D_fake_loss
    D_loss.backward()
    D_optimizer.step()
    return D_loss.item()


def G_train(bs):
    G.zero_grad()
    D_output = D(G(torch.randn(bs, 100)))
    G_loss = criterion(D_output, torch.ones(bs, 1))
    G_loss.backward()
    G_optimizer.step()
    return G_loss.item()


G, D = Generator(100, 784), Discriminator(784)
G_optimizer = torch.optim.Adam(G.parameters(), lr=0.0002)
D_optimizer = torch.optim.Adam(D.parameters(), lr=0.0002)
watch = ganatomy.watch(G, D, G_optimizer, D_optimizer)
train_loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(1, 21):
    for x, _ in train_loader:
        d = D_train(x)
        g = G_train(x.size(0))
        watch.step(loss_D=d, loss_G=g)
    print("[%d/20] loss_d: %.3f, loss_g: %.3f" % (epoch, d, g))
