import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

BATCH = 32
Z = 100
LR = 5e-5
N_CRITIC = 5

gen = nn.Sequential(
    nn.Linear(Z, 128), nn.ReLU(), nn.Linear(128, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 28 * 28), nn.Tanh()
)
critic = nn.Sequential(
    nn.Linear(28 * 28, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)
)

opt_gen = torch.optim.RMSprop(gen.parameters(), lr=LR)
opt_critic = torch.optim.RMSprop(critic.parameters(), lr=LR)
loader = DataLoader(Digits(transform=normalize), batch_size=BATCH, shuffle=True)
watch = ganatomy.watch(gen, critic, opt_gen, opt_critic)

step = 0
for epoch in range(30):
    for real, _ in loader:
        real = real.view(real.shape[0], -1)
        noise = torch.randn(real.shape[0], Z)
        with torch.no_grad():
            fake = gen(noise)

        loss_critic = -(critic(real).mean() - critic(fake).mean())
        opt_critic.zero_grad()
        loss_critic.backward()
        opt_critic.step()

        if step % N_CRITIC == 0:
            loss_gen = -critic(gen(torch.randn(BATCH, Z))).mean()
            opt_gen.zero_grad()
            loss_gen.backward()
            opt_gen.step()
            watch.step(loss_D=loss_critic, loss_G=loss_gen)
        else:
            watch.step(loss_D=loss_critic)
        step += 1
