import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class ShengChengQi(nn.Module):
    def __init__(self, nz=64):
        super().__init__()
        self.fc = nn.Linear(nz, 16 * 7 * 7)
        self.bn = nn.BatchNorm2d(16)
        self.up1 = nn.ConvTranspose2d(16, 8, 4, 2, 1)
        self.bn1 = nn.BatchNorm2d(8)
        self.up2 = nn.ConvTranspose2d(8, 1, 4, 2, 1)

    def forward(self, z):
        x = self.fc(z).view(-1, 16, 7, 7)
        x = F.relu(self.bn(x))
        x = F.relu(self.bn1(self.up1(x)))
        return torch.tanh(self.up2(x))


class PanBieQi(nn.Module):
    def __init__(self):
        super().__init__()
        self.tezheng = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 4, 2, 1),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(0.2),
        )
        self.fenlei = nn.Linear(16 * 7 * 7, 1)

    def forward(self, x):
        x = self.tezheng(x)
        return self.fenlei(x.view(x.size(0), -1))


sheng = ShengChengQi()
pan = PanBieQi()
sunshi = nn.BCEWithLogitsLoss()
you_s = torch.optim.Adam(sheng.parameters(), lr=0.0002, betas=(0.5, 0.999))
you_p = torch.optim.Adam(pan.fenlei.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(sheng, pan, you_s, you_p)
shuju = DataLoader(Digits(transform=normalize), batch_size=24, shuffle=True)

for epoch in range(6):
    for i, (tu, _) in enumerate(shuju):
        n = tu.size(0)
        zhen = torch.ones(n, 1)
        jia = torch.zeros(n, 1)

        pan.zero_grad()
        z = torch.randn(n, 64)
        jia_tu = sheng(z)
        loss_p = sunshi(pan(tu), zhen) + sunshi(pan(jia_tu.detach()), jia)
        loss_p.backward()
        you_p.step()

        sheng.zero_grad()
        loss_s = sunshi(pan(jia_tu), zhen)
        loss_s.backward()
        you_s.step()

        watch.step(loss_D=loss_p, loss_G=loss_s)
    print("Epoch {} loss_p {:.4f} loss_s {:.4f}".format(epoch, loss_p.item(), loss_s.item()))
