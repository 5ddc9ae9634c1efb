import torch
from lesson import Digits, normalize
from torch import nn

import ganatomy

n_critic = 5
clip_value = 0.01
latent_dim = 100


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(latent_dim, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 784),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.model(z).view(z.shape[0], 1, 28, 28)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, img):
        return self.model(img.flatten(1))


generator = Generator()
critic = Critic()
optimizer_G = torch.optim.RMSprop(generator.parameters(), lr=5e-5)
optimizer_C = torch.optim.RMSprop(critic.parameters(), lr=5e-5)
dataloader = torch.utils.data.DataLoader(Digits(normalize), batch_size=64, shuffle=True)
watch = ganatomy.watch(generator, critic, optimizer_G, optimizer_C)

batches_done = 0
for epoch in range(40):
    for imgs, _ in dataloader:
        optimizer_C.zero_grad()
        z = torch.randn(imgs.shape[0], latent_dim)
        fake_imgs = generator(z).detach()
        loss_C = -torch.mean(critic(imgs)) + torch.mean(critic(fake_imgs))
        loss_C.backward()
        optimizer_C.step()

        for p in critic.parameters():
            p.data.clamp_(-clip_value, clip_value)

        if batches_done % n_critic == 0:
            optimizer_G.zero_grad()
            gen_imgs = generator(z)
            loss_G = torch.mean(critic(gen_imgs))
            loss_G.backward()
            optimizer_G.step()
            watch.step(critic_loss=loss_C, gen_loss=loss_G)
        else:
            watch.step(critic_loss=loss_C)
        batches_done += 1
