import torch
from torch import nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

Z = 64
generator = nn.Sequential(
    nn.Linear(Z, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 784), nn.Tanh()
)
critic = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))

gen_opt = torch.optim.RMSprop(generator.parameters(), lr=5e-5)
crit_opt = torch.optim.RMSprop(critic.parameters(), lr=5e-5)
watch = ganatomy.watch(generator, critic, gen_opt, crit_opt)
loader = DataLoader(Digits(transform=normalize), batch_size=64, shuffle=True)


def clip_weights(model, limit):
    for p in model.parameters():
        p.data.clamp_(-limit, limit)


for epoch in range(30):
    for real, _ in loader:
        real = real.flatten(1)
        m = real.size(0)

        crit_opt.zero_grad()
        fake = generator(torch.randn(m, Z)).detach()
        crit_loss = critic(fake).mean() - critic(real).mean()
        crit_loss.backward()
        crit_opt.step()
        clip_weights(critic, 0.01)

        gen_opt.zero_grad()
        gen_loss = -critic(generator(torch.randn(m, Z))).mean()
        gen_loss.backward()
        gen_opt.step()

        watch.step(loss_D=crit_loss, loss_G=gen_loss)
    print("epoch", epoch, "W estimate", -crit_loss.item())
