import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize
from torch.utils.data import DataLoader

nz = 100


class NetG(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Sequential(nn.Linear(nz, 24 * 7 * 7), nn.ReLU())
        self.up1 = nn.Sequential(nn.ConvTranspose2d(24, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.ReLU())
        self.up2 = nn.Sequential(nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh())

    def forward(self, z):
        h = self.l1(z).view(-1, 24, 7, 7)
        return self.up2(self.up1(h))


class NetC(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 4, 2, 1)
        self.conv2 = nn.Conv2d(16, 24, 4, 2, 1)
        self.fc = nn.Linear(24 * 7 * 7, 1)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x):
        h = self.act(self.conv1(x))
        h = self.act(self.conv2(h))
        return self.fc(h.view(x.size(0), -1)).view(-1)


net_g, net_c = NetG(), NetC()
opt_g = torch.optim.RMSprop(net_g.parameters(), lr=5e-5)
opt_c = torch.optim.RMSprop(net_c.parameters(), lr=5e-5)
watch = ganatomy.watch(net_g, net_c, opt_g, opt_c)

loader = DataLoader(Digits(transform=normalize), batch_size=16, shuffle=True)
images, labels = next(iter(loader))

for iteration in range(1500):
    for _ in range(2):
        noise = torch.randn(images.size(0), nz)
        fake = net_g(noise)
        c_loss = -(net_c(images).mean() - net_c(fake.detach()).mean())
        net_c.zero_grad()
        c_loss.backward()
        opt_c.step()
        for p in net_c.parameters():
            p.data.clamp_(-0.01, 0.01)

    net_g.zero_grad()
    noise = torch.randn(images.size(0), nz)
    g_loss = -net_c(net_g(noise)).mean()
    g_loss.backward()
    opt_g.step()
    if iteration % 300 == 0:
        print(f"{iteration}: critic {c_loss.item():.5f}, generator {g_loss.item():.5f}")
    watch.step(loss_D=c_loss, loss_G=g_loss)
