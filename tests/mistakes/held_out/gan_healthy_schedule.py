import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

zaosheng_dim = 100
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

shengchengqi = nn.Sequential(
    nn.Linear(zaosheng_dim, 256),
    nn.ReLU(True),
    nn.Linear(256, 256),
    nn.ReLU(True),
    nn.Linear(256, 784),
    nn.Tanh(),
)
panbieqi = nn.Sequential(
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 1),
    nn.Sigmoid(),
)
bce = nn.BCELoss()
d_opt = torch.optim.Adam(panbieqi.parameters(), lr=0.0003)
g_opt = torch.optim.Adam(shengchengqi.parameters(), lr=0.0003)
d_sched = StepLR(d_opt, step_size=3, gamma=0.8)
g_sched = StepLR(g_opt, step_size=3, gamma=0.8)
watch = ganatomy.watch(shengchengqi, panbieqi, g_opt, d_opt)

for lunci in range(15):
    for tupian, _ in loader:
        shuliang = tupian.size(0)
        zhen = tupian.view(shuliang, -1)
        zhen_biaoqian = torch.ones(shuliang, 1)
        jia_biaoqian = torch.zeros(shuliang, 1)

        d_loss_zhen = bce(panbieqi(zhen), zhen_biaoqian)
        jia = shengchengqi(torch.randn(shuliang, zaosheng_dim)).detach()
        d_loss_jia = bce(panbieqi(jia), jia_biaoqian)
        d_loss = d_loss_zhen + d_loss_jia
        d_opt.zero_grad()
        d_loss.backward()
        d_opt.step()

        jia = shengchengqi(torch.randn(shuliang, zaosheng_dim))
        g_loss = bce(panbieqi(jia), zhen_biaoqian)
        g_opt.zero_grad()
        g_loss.backward()
        g_opt.step()

        watch.step(loss_D=d_loss, loss_G=g_loss)
    d_sched.step()
    g_sched.step()
    print("lunci", lunci, d_loss.item(), g_loss.item(), d_sched.get_last_lr())
