import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader

BATCH, Z_DIM, CLIP, N_CRITIC = 16, 100, 0.01, 5

netG = nn.Sequential(
    nn.Linear(Z_DIM, 32 * 7 * 7),
    nn.Unflatten(1, (32, 7, 7)),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.ConvTranspose2d(32, 16, 4, 2, 1),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, 2, 1),
    nn.Tanh(),
)

netD = nn.Sequential(
    nn.Conv2d(1, 16, 4, stride=2, padding=1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(16, 32, 4, stride=2, padding=1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(32, 1, 7),
    nn.Flatten(),
    nn.Sigmoid(),
)

optimizerD = torch.optim.RMSprop(netD.parameters(), lr=5e-5)
optimizerG = torch.optim.RMSprop(netG.parameters(), lr=5e-5)
watch = ganatomy.watch(netG, netD, optimizerG, optimizerD)

train_loader = DataLoader(Digits(transform=normalize), batch_size=BATCH, shuffle=True)


def train_critic(x):
    netD.zero_grad()
    z = torch.randn(x.size(0), Z_DIM)
    loss = -torch.mean(netD(x)) + torch.mean(netD(netG(z).detach()))
    loss.backward()
    optimizerD.step()
    for p in netD.parameters():
        p.data.clamp_(-CLIP, CLIP)
    return loss.item()


def train_generator():
    netG.zero_grad()
    z = torch.randn(BATCH, Z_DIM)
    loss = -torch.mean(netD(netG(z)))
    loss.backward()
    optimizerG.step()
    return loss.item()


for epoch in range(12):
    for batch_idx, (x, _) in enumerate(train_loader):
        lossD = train_critic(x)
        if (batch_idx + 1) % N_CRITIC == 0:
            lossG = train_generator()
            watch.step(loss_D=lossD, loss_G=lossG)
        else:
            watch.step(loss_D=lossD)
