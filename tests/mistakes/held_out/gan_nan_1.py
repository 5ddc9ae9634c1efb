import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import ganatomy
from lesson import Digits

digits = Digits()
X = torch.stack([img for img, _ in digits]).view(-1, 784)
mean, std = X.mean(dim=0), X.std(dim=0)
X = ((X - mean) / std).clamp(-3, 3)
loader = DataLoader(TensorDataset(X), batch_size=32, shuffle=True)

z_dim = 64
gen = nn.Sequential(
    nn.Linear(z_dim, 128),
    nn.BatchNorm1d(128),
    nn.ReLU(),
    nn.Linear(128, 256),
    nn.BatchNorm1d(256),
    nn.ReLU(),
    nn.Linear(256, 784),
)
disc = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
criterion = nn.BCEWithLogitsLoss()
gen_opt = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
disc_opt = torch.optim.Adam(disc.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, disc, gen_opt, disc_opt)


def get_disc_loss(real):
    fake = gen(torch.randn(len(real), z_dim)).detach()
    fake_pred, real_pred = disc(fake), disc(real)
    fake_loss = criterion(fake_pred, torch.zeros_like(fake_pred))
    real_loss = criterion(real_pred, torch.ones_like(real_pred))
    return (fake_loss + real_loss) / 2


def get_gen_loss(n):
    pred = disc(gen(torch.randn(n, z_dim)))
    return criterion(pred, torch.ones_like(pred))


for epoch in range(20):
    for (real,) in loader:
        disc_opt.zero_grad()
        disc_loss = get_disc_loss(real)
        disc_loss.backward()
        disc_opt.step()

        gen_opt.zero_grad()
        gen_loss = get_gen_loss(len(real))
        gen_loss.backward()
        gen_opt.step()

        watch.step(loss_D=disc_loss, loss_G=gen_loss)
    print(f"epoch {epoch}: generator {gen_loss.item():.3f}, discriminator {disc_loss.item():.3f}")
