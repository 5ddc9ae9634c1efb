import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

zdim = 64
gamma = 1.0


class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(zdim, 128)
        self.l2 = nn.Linear(128, 256)
        self.l3 = nn.Linear(256, 784)

    def forward(self, z):
        h = F.leaky_relu(self.l1(z), 0.2)
        h = F.leaky_relu(self.l2(h), 0.2)
        return torch.tanh(self.l3(h))


class Dis(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(784, 256)
        self.l2 = nn.Linear(256, 128)
        self.l3 = nn.Linear(128, 1)

    def forward(self, x):
        h = F.leaky_relu(self.l1(x), 0.2)
        h = F.leaky_relu(self.l2(h), 0.2)
        return self.l3(h)


def r1_penalty(real, out):
    (grad,) = torch.autograd.grad(out.sum(), real, create_graph=True)
    return grad.square().sum(dim=1).mean()


gen, dis = Gen(), Dis()
gen_opt = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
dis_opt = torch.optim.Adam(dis.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, dis, gen_opt, dis_opt)
train = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(15):
    for x, _ in train:
        x = x.view(x.size(0), -1).requires_grad_()

        dis_opt.zero_grad()
        d_real = dis(x)
        d_fake = dis(gen(torch.randn(x.size(0), zdim)).detach())
        loss_adv = F.softplus(-d_real).mean() + F.softplus(d_fake).mean()
        loss_dis = loss_adv + gamma / 2 * r1_penalty(x, d_real)
        loss_dis.backward()
        dis_opt.step()

        gen_opt.zero_grad()
        loss_gen = F.softplus(-dis(gen(torch.randn(x.size(0), zdim)))).mean()
        loss_gen.backward()
        gen_opt.step()

        watch.step(loss_D=loss_dis, loss_G=loss_gen)
