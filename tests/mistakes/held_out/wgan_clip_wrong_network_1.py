import torch
from torch import nn
from torch.utils.data import DataLoader
from lesson import Digits, normalize
import ganatomy

latent_dim = 100
clip_value = 0.01
n_critic = 5

generator = nn.Sequential(
    nn.Linear(latent_dim, 128),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(128, 256),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(256, 784),
    nn.Tanh(),
)
discriminator = nn.Sequential(
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(256, 256),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(256, 1),
)
optimizer_G = torch.optim.RMSprop(generator.parameters(), lr=0.00005)
optimizer_D = torch.optim.RMSprop(discriminator.parameters(), lr=0.00005)
dataloader = DataLoader(Digits(transform=normalize), batch_size=64, shuffle=True)
watch = ganatomy.watch(generator, discriminator, optimizer_G, optimizer_D)

for epoch in range(40):
    for i, (imgs, _) in enumerate(dataloader):
        real_imgs = imgs.view(imgs.size(0), -1)

        optimizer_D.zero_grad()
        z = torch.randn(imgs.size(0), latent_dim)
        fake_imgs = generator(z).detach()
        loss_D = -torch.mean(discriminator(real_imgs)) + torch.mean(discriminator(fake_imgs))
        loss_D.backward()
        optimizer_D.step()

        for p in generator.parameters():
            p.data.clamp_(-clip_value, clip_value)

        if i % n_critic == 0:
            optimizer_G.zero_grad()
            gen_imgs = generator(z)
            loss_G = -torch.mean(discriminator(gen_imgs))
            loss_G.backward()
            optimizer_G.step()
            watch.step(loss_D=loss_D.item(), loss_G=loss_G.item())
        else:
            watch.step(loss_D=loss_D.item())
