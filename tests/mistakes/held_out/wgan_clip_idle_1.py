import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

z_dim, c = 64, 0.01
train_loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

G = nn.Sequential(nn.Linear(z_dim, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 784), nn.Tanh())
D = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
G_opt = torch.optim.RMSprop(G.parameters(), lr=5e-5)
D_opt = torch.optim.RMSprop(D.parameters(), lr=5e-5)
watch = ganatomy.watch(G, D, G_opt, D_opt)

one = torch.tensor(1.0)
mone = one * -1

for ep in range(10):
    for bi, (x, _) in enumerate(train_loader):
        x = x.reshape(-1, 784)

        D.zero_grad()
        D_real = D(x).mean()
        D_real.backward(mone)
        fake = G(torch.randn(x.size(0), z_dim)).detach()
        D_fake = D(fake).mean()
        D_fake.backward(one)
        D_opt.step()
        for p in D.parameters():
            p.data.clamp(-c, c)

        G.zero_grad()
        G_score = D(G(torch.randn(x.size(0), z_dim))).mean()
        G_score.backward(mone)
        G_opt.step()

        watch.step(loss_D=D_fake - D_real, loss_G=-G_score)
