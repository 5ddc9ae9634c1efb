import torch
import torch.nn as nn
from torch.autograd import Variable
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

d_input, g_input = 784, 100
bs = 32

train_loader = DataLoader(Digits(transform=normalize), batch_size=bs, shuffle=True)

G = nn.Sequential(
    nn.Linear(g_input, 128), nn.LeakyReLU(0.2), nn.Linear(128, 256), nn.LeakyReLU(0.2), nn.Linear(256, d_input), nn.Tanh()
)
D = nn.Sequential(
    nn.Linear(d_input, 256),
    nn.LeakyReLU(0.2),
    nn.Dropout(0.3),
    nn.Linear(256, 128),
    nn.LeakyReLU(0.2),
    nn.Dropout(0.3),
    nn.Linear(128, 1),
    nn.Sigmoid(),
)
criterion = nn.BCELoss()
G_optimizer = torch.optim.Adam(G.parameters(), lr=0.0002)
D_optimizer = torch.optim.Adam(D.parameters(), lr=0.0002)
watch = ganatomy.watch(G, D, G_optimizer, D_optimizer)


def D_train(x):
    D.zero_grad()
    x_real, y_real = x.view(-1, 784), torch.ones(x.size(0), 1)
    D_real_loss = criterion(D(x_real), y_real)

    z = Variable(torch.randn(x.size(0), g_input))
    x_fake, y_fake = G(z), torch.zeros(x.size(0), 1)
    D_fake_loss = criterion(D(x_fake), y_fake)

    D_loss = D_real_loss + D_fake_loss
    D_loss.backward()
    D_optimizer.step()
    return D_loss.data.item()


def G_train(x):
    G.zero_grad()
    z = Variable(torch.randn(x.size(0), g_input))
    G_loss = criterion(D(G(z)), torch.ones(x.size(0), 1))
    G_loss.backward()
    G_optimizer.step()
    return G_loss.data.item()


for epoch in range(1, 21):
    D_losses, G_losses = [], []
    for batch_idx, (x, _) in enumerate(train_loader):
        D_losses.append(D_train(x))
        G_losses.append(G_train(x))
        watch.step(loss_D=D_losses[-1], loss_G=G_losses[-1])
    print(f"[{epoch}/20]: loss_d: {sum(D_losses) / len(D_losses):.3f}, loss_g: {sum(G_losses) / len(G_losses):.3f}")
