import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn, optim
from torch.utils.data import DataLoader

latent_dim = 64
n_critic = 5
clip_value = 0.01

generator = nn.Sequential(
    nn.Linear(latent_dim, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 256),
    nn.BatchNorm1d(256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 784),
    nn.Tanh(),
)
critic = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 1),
)


def wasserstein_loss(y_true, y_pred):
    return torch.mean(y_true * y_pred)


g_optim = optim.RMSprop(generator.parameters(), lr=5e-5)
c_optim = optim.RMSprop(critic.parameters(), lr=5e-5)
watch = ganatomy.watch(generator, critic, g_optim, c_optim)

loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(20):
    for i, (imgs, _) in enumerate(loader):
        n = imgs.size(0)
        valid = -torch.ones(n, 1)
        fake = torch.ones(n, 1)

        # critic
        c_optim.zero_grad()
        z = torch.randn(n, latent_dim)
        gen_imgs = generator(z).detach()
        c_loss = wasserstein_loss(valid, critic(imgs)) + wasserstein_loss(fake, critic(gen_imgs))
        c_loss.backward()
        c_optim.step()
        for p in critic.parameters():
            p.data.clamp_(-clip_value, clip_value)

        if i % n_critic != 0:
            watch.step(loss_D=c_loss)
            continue

        # generator
        g_optim.zero_grad()
        z = torch.randn(n, latent_dim)
        g_loss = wasserstein_loss(torch.ones(n, 1), critic(generator(z)))
        g_loss.backward()
        g_optim.step()
        watch.step(loss_D=c_loss, loss_G=g_loss)
    print(f"epoch {epoch}: critic {c_loss.item():.4f}")
