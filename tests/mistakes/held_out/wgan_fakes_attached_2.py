import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

n_critic, clip, dim_z, bs = 5, 0.01, 100, 32


class Generator(nn.Module):
    def __init__(self):
        super().__init__()

        def block(n_in, n_out):
            return [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.LeakyReLU(0.2)]

        self.model = nn.Sequential(*block(dim_z, 128), *block(128, 256), nn.Linear(256, 784), nn.Tanh())

    def forward(self, z):
        return self.model(z).reshape(-1, 1, 28, 28)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, img):
        return self.model(img.reshape(img.shape[0], -1))


G = Generator()
C = Critic()
optG = torch.optim.RMSprop(G.parameters(), lr=5e-5)
optC = torch.optim.RMSprop(C.parameters(), lr=5e-5)
watch = ganatomy.watch(G, C, optG, optC)
dl = DataLoader(Digits(transform=normalize), batch_size=bs, shuffle=True)

batches_done = 0
for epoch in range(10):
    for imgs, _ in dl:
        optC.zero_grad()
        z = torch.randn(imgs.shape[0], dim_z)
        loss_C = -torch.mean(C(imgs)) + torch.mean(C(G(z)))
        loss_C.backward()
        optC.step()
        for p in C.parameters():
            p.data.clamp_(-clip, clip)

        batches_done += 1
        if batches_done % n_critic == 0:
            z = torch.randn(imgs.shape[0], dim_z)
            loss_G = -torch.mean(C(G(z)))
            loss_G.backward()
            optG.step()
            optG.zero_grad()
            print("%d loss C %f loss G %f" % (batches_done, loss_C.item(), loss_G.item()))
            watch.step(loss_D=loss_C, loss_G=loss_G)
        else:
            watch.step(loss_D=loss_C)
