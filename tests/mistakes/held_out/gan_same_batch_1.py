import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader

num_steps = 3000
loader = DataLoader(Digits(transform=normalize), batch_size=64, shuffle=False)

G = nn.Sequential(
    nn.Linear(64, 128),
    nn.LeakyReLU(0.2),
    nn.BatchNorm1d(128),
    nn.Linear(128, 256),
    nn.LeakyReLU(0.2),
    nn.BatchNorm1d(256),
    nn.Linear(256, 784),
    nn.Tanh(),
)
D = nn.Sequential(
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 1),
)
loss_function = nn.BCEWithLogitsLoss()
optim_G = torch.optim.Adam(G.parameters(), lr=0.0002, betas=(0.5, 0.999))
optim_D = torch.optim.Adam(D.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, optim_G, optim_D)

for step in range(num_steps):
    real, _ = next(iter(loader))
    real = real.reshape(real.size(0), -1)
    ones = torch.ones(real.size(0), 1)
    zeros = torch.zeros(real.size(0), 1)

    # discriminator
    with torch.no_grad():
        fake = G(torch.randn(real.size(0), 64))
    loss_D = loss_function(D(real), ones) + loss_function(D(fake), zeros)
    optim_D.zero_grad()
    loss_D.backward()
    optim_D.step()

    # generator
    fake = G(torch.randn(real.size(0), 64))
    loss_G = loss_function(D(fake), ones)
    optim_G.zero_grad()
    loss_G.backward()
    optim_G.step()

    if step % 500 == 0:
        print(step, loss_D.item(), loss_G.item())
    watch.step(loss_D=loss_D.item(), loss_G=loss_G.item())
