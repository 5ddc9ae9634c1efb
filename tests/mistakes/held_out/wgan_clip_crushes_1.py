import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader
import ganatomy
from lesson import Digits, normalize

NOISE_DIM = 100
WEIGHT_CLIP = 1e-5
CRITIC_ITERATIONS = 2
loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1)
        )

    def forward(self, x):
        return self.net(x.view(x.shape[0], -1))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(NOISE_DIM, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Linear(64, 128),
            nn.BatchNorm1d(128),
            nn.ReLU(),
            nn.Linear(128, 784),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)


critic, gen = Critic(), Generator()
opt_critic = optim.RMSprop(critic.parameters(), lr=5e-5)
opt_gen = optim.RMSprop(gen.parameters(), lr=5e-5)
watch = ganatomy.watch(gen, critic, opt_gen, opt_critic)
critic.train()
gen.train()

for epoch in range(10):
    for batch_idx, (real, _) in enumerate(loader):
        for _ in range(CRITIC_ITERATIONS):
            noise = torch.randn(real.shape[0], NOISE_DIM)
            fake = gen(noise)
            loss_critic = -(torch.mean(critic(real)) - torch.mean(critic(fake.detach())))
            critic.zero_grad()
            loss_critic.backward()
            opt_critic.step()
            for p in critic.parameters():
                p.data.clamp_(-WEIGHT_CLIP, WEIGHT_CLIP)

        loss_gen = -torch.mean(critic(gen(noise)))
        gen.zero_grad()
        loss_gen.backward()
        opt_gen.step()
        watch.step(loss_D=loss_critic, loss_G=loss_gen)
