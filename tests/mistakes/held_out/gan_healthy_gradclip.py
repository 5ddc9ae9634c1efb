import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits


class GAN:
    def __init__(self, dim_z=64, lr=2e-4, max_norm=1.0):
        self.dim_z, self.max_norm = dim_z, max_norm
        self.g = nn.Sequential(
            nn.Linear(dim_z, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 256), nn.BatchNorm1d(256), nn.ReLU(),
            nn.Linear(256, 784), nn.Sigmoid(),
        )
        self.d = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
        self.opt_g = torch.optim.Adam(self.g.parameters(), lr=lr, betas=(0.5, 0.999))
        self.opt_d = torch.optim.Adam(self.d.parameters(), lr=lr, betas=(0.5, 0.999))
        self.loss = nn.BCEWithLogitsLoss()

    def update(self, net, opt, loss):
        opt.zero_grad()
        loss.backward()
        clip_grad_norm_(net.parameters(), self.max_norm)
        opt.step()
        return loss.item()

    def train_d(self, real):
        n = real.size(0)
        fake = self.g(torch.randn(n, self.dim_z)).detach()
        loss = self.loss(self.d(real), torch.ones(n, 1)) + self.loss(self.d(fake), torch.zeros(n, 1))
        return self.update(self.d, self.opt_d, loss)

    def train_g(self, n):
        loss = self.loss(self.d(self.g(torch.randn(n, self.dim_z))), torch.ones(n, 1))
        return self.update(self.g, self.opt_g, loss)


gan = GAN()
watch = ganatomy.watch(gan.g, gan.d, gan.opt_g, gan.opt_d)
loader = DataLoader(Digits(), batch_size=32, shuffle=True)

for epoch in range(15):
    for images, _ in loader:
        images = images.view(len(images), 784)
        loss_d = gan.train_d(images)
        loss_g = gan.train_g(len(images))
        watch.step(loss_D=loss_d, loss_G=loss_g)
    print(f"{epoch:3d}  d {loss_d:.3f}  g {loss_g:.3f}")
