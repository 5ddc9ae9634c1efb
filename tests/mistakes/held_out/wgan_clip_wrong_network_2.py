import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import RMSprop
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class ShengCheng(nn.Module):
    def __init__(self, zaosheng):
        super().__init__()
        self.qian = nn.Linear(zaosheng, 16 * 7 * 7)
        self.juan1 = nn.ConvTranspose2d(16, 8, 4, 2, 1)
        self.juan2 = nn.ConvTranspose2d(8, 1, 4, 2, 1)

    def forward(self, z):
        x = F.relu(self.qian(z)).view(-1, 16, 7, 7)
        x = F.relu(self.juan1(x))
        return torch.tanh(self.juan2(x))


class PanBie(nn.Module):
    def __init__(self):
        super().__init__()
        self.juan1 = nn.Conv2d(1, 8, 4, 2, 1)
        self.juan2 = nn.Conv2d(8, 16, 4, 2, 1)
        self.chu = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        x = F.leaky_relu(self.juan1(x), 0.2)
        x = F.leaky_relu(self.juan2(x), 0.2)
        return self.chu(x.view(x.size(0), -1)).squeeze(1)


def jianqie(net, c=0.01):
    with torch.no_grad():
        for w in net.parameters():
            w.clamp_(-c, c)


weidu = 64
sc, pb = ShengCheng(weidu), PanBie()
you_g = RMSprop(sc.parameters(), lr=5e-5)
you_d = RMSprop(pb.parameters(), lr=5e-5)
watch = ganatomy.watch(sc, pb, you_g, you_d)
shuju = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for lun in range(12):
    for tu, _ in shuju:
        pi = tu.size(0)
        pb.zero_grad()
        jia = sc(torch.randn(pi, weidu))
        d_loss = pb(jia.detach()).mean() - pb(tu).mean()
        d_loss.backward()
        you_d.step()

        sc.zero_grad()
        g_loss = -pb(sc(torch.randn(pi, weidu))).mean()
        g_loss.backward()
        you_g.step()
        jianqie(sc)

        watch.step(loss_D=d_loss, loss_G=g_loss)
