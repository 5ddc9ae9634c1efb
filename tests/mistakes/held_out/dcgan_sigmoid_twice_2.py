import ganatomy
import torch
import torch.nn as nn
import torch.nn.functional as F
from lesson import Digits, normalize

nz, ngf, ndf = 100, 16, 16


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.deconv1 = nn.ConvTranspose2d(nz, ngf * 2, 7, 1, 0)
        self.bn1 = nn.BatchNorm2d(ngf * 2)
        self.deconv2 = nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1)
        self.bn2 = nn.BatchNorm2d(ngf)
        self.deconv3 = nn.ConvTranspose2d(ngf, 1, 4, 2, 1)

    def forward(self, x):
        x = F.relu(self.bn1(self.deconv1(x)))
        x = F.relu(self.bn2(self.deconv2(x)))
        return torch.tanh(self.deconv3(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, ndf, 4, 2, 1)
        self.conv2 = nn.Conv2d(ndf, ndf * 2, 4, 2, 1)
        self.bn2 = nn.BatchNorm2d(ndf * 2)
        self.conv3 = nn.Conv2d(ndf * 2, 1, 7, 1, 0)

    def forward(self, x):
        x = F.leaky_relu(self.conv1(x), 0.2)
        x = F.leaky_relu(self.bn2(self.conv2(x)), 0.2)
        return torch.sigmoid(self.conv3(x)).view(-1)


D = Discriminator()
G = Generator()
d_optimizer = torch.optim.Adam(D.parameters(), 0.0002, betas=(0.5, 0.999))
g_optimizer = torch.optim.Adam(G.parameters(), 0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(G, D, g_optimizer, d_optimizer)

data_loader = torch.utils.data.DataLoader(Digits(transform=normalize), batch_size=20, shuffle=True)
for epoch in range(8):
    for images, _ in data_loader:
        n = images.size(0)
        fakes = G(torch.randn(n, nz, 1, 1))

        d_real = torch.sigmoid(D(images))
        d_fake = torch.sigmoid(D(fakes.detach()))
        d_loss = F.binary_cross_entropy(d_real, torch.ones(n)) + F.binary_cross_entropy(d_fake, torch.zeros(n))
        D.zero_grad()
        d_loss.backward()
        d_optimizer.step()

        g_loss = F.binary_cross_entropy(torch.sigmoid(D(fakes)), torch.ones(n))
        G.zero_grad()
        g_loss.backward()
        g_optimizer.step()

        watch.step(loss_D=d_loss.item(), loss_G=g_loss.item())
    print("Epoch [%d] d_loss %.4f g_loss %.4f" % (epoch, d_loss.item(), g_loss.item()))
