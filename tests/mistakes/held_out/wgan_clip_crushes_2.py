import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits

cfg = {"nz": 32, "bs": 20, "lr": 5e-5, "clamp": 0.000001, "epochs": 12}

netG = nn.Sequential(
    nn.Linear(cfg["nz"], 8 * 7 * 7),
    nn.ReLU(),
    nn.Unflatten(1, (8, 7, 7)),
    nn.Upsample(scale_factor=2),
    nn.Conv2d(8, 8, 3, padding=1),
    nn.ReLU(),
    nn.Upsample(scale_factor=2),
    nn.Conv2d(8, 1, 3, padding=1),
    nn.Sigmoid(),
)
netD = nn.Sequential(
    nn.Conv2d(1, 8, 3, stride=2, padding=1),
    nn.LeakyReLU(0.1),
    nn.Conv2d(8, 16, 3, stride=2, padding=1),
    nn.LeakyReLU(0.1),
    nn.Flatten(),
    nn.Linear(16 * 49, 1),
)
optG = torch.optim.RMSprop(netG.parameters(), lr=cfg["lr"])
optD = torch.optim.RMSprop(netD.parameters(), lr=cfg["lr"])
watch = ganatomy.watch(netG, netD, optG, optD)
dl = DataLoader(Digits(), batch_size=cfg["bs"], shuffle=True)

for epoch in range(cfg["epochs"]):
    for xb, _ in dl:
        # critic
        optD.zero_grad()
        with torch.no_grad():
            xf = netG(torch.randn(xb.shape[0], cfg["nz"]))
        lossD = netD(xf).mean() - netD(xb).mean()
        lossD.backward()
        optD.step()
        with torch.no_grad():
            for w in netD.parameters():
                w.clamp_(-cfg["clamp"], cfg["clamp"])

        # generator
        optG.zero_grad()
        lossG = -netD(netG(torch.randn(xb.shape[0], cfg["nz"]))).mean()
        lossG.backward()
        optG.step()
        watch.step(loss_D=lossD, loss_G=lossG)
    print("epoch", epoch, "loss_D", lossD.item(), "loss_G", lossG.item())
