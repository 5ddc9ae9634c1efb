import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader

z_dim = 64
lr = 0.0002


def get_generator_block(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU(inplace=True))


def get_discriminator_block(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, n_out), nn.LeakyReLU(0.2))


gen = nn.Sequential(
    get_generator_block(z_dim, 128),
    get_generator_block(128, 256),
    nn.Linear(256, 784),
    nn.Tanh(),
)
disc = nn.Sequential(
    get_discriminator_block(784, 256),
    get_discriminator_block(256, 128),
    nn.Linear(128, 1),
    nn.Sigmoid(),
)

criterion = nn.BCEWithLogitsLoss()
gen_opt = torch.optim.Adam(gen.parameters(), lr=lr)
disc_opt = torch.optim.Adam(disc.parameters(), lr=lr)
watch = ganatomy.watch(gen, disc, gen_opt, disc_opt)


def get_disc_loss(real, num_images):
    fake = gen(torch.randn(num_images, z_dim))
    fake_pred = disc(fake.detach())
    fake_loss = criterion(fake_pred, torch.zeros_like(fake_pred))
    real_pred = disc(real)
    real_loss = criterion(real_pred, torch.ones_like(real_pred))
    return (real_loss + fake_loss) / 2


def get_gen_loss(num_images):
    pred = disc(gen(torch.randn(num_images, z_dim)))
    return criterion(pred, torch.ones_like(pred))


dataloader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
for _epoch in range(20):
    for real, _ in dataloader:
        real = real.view(len(real), -1)

        disc_opt.zero_grad()
        disc_loss = get_disc_loss(real, len(real))
        disc_loss.backward()
        disc_opt.step()

        gen_opt.zero_grad()
        gen_loss = get_gen_loss(len(real))
        gen_loss.backward()
        gen_opt.step()

        watch.step(loss_D=disc_loss, loss_G=gen_loss)
