import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

config = {
    "latent": 64,
    "batch": 32,
    "lr_g": 1e-4,
    "lr_d": 4e-4,
    "epochs": 15,
}


def mlp(sizes, act, last=None):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(a, b), act()]
    layers.append(nn.Linear(sizes[-2], sizes[-1]))
    if last is not None:
        layers.append(last)
    return nn.Sequential(*layers)


net_g = mlp([config["latent"], 128, 256, 784], nn.ReLU, nn.Tanh())
net_d = mlp([784, 256, 128, 1], lambda: nn.LeakyReLU(0.2))
opt_g = torch.optim.Adam(net_g.parameters(), lr=config["lr_g"], betas=(0.5, 0.999))
opt_d = torch.optim.Adam(net_d.parameters(), lr=config["lr_d"], betas=(0.5, 0.999))
watch = ganatomy.watch(net_g, net_d, opt_g, opt_d)
bce = nn.BCEWithLogitsLoss()
loader = DataLoader(Digits(transform=normalize), batch_size=config["batch"], shuffle=True)


def noise(n):
    return torch.randn(n, config["latent"])


for epoch in range(config["epochs"]):
    for x, _ in loader:
        x = x.view(x.size(0), -1)
        n = x.size(0)

        net_d.zero_grad()
        with torch.no_grad():
            x_gen = net_g(noise(n))
        pred = net_d(torch.cat([x, x_gen]))
        target = torch.cat([torch.ones(n, 1), torch.zeros(n, 1)])
        loss_d = bce(pred, target)
        loss_d.backward()
        opt_d.step()

        net_g.zero_grad()
        loss_g = bce(net_d(net_g(noise(n))), torch.ones(n, 1))
        loss_g.backward()
        opt_g.step()

        watch.step(loss_D=loss_d, loss_G=loss_g)
