import torch
from torch import nn, optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize


class Generator(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.hidden1 = nn.Linear(latent_dim, 128)
        self.hidden2 = nn.Linear(128, 256)
        self.out = nn.Linear(256, 784)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, z):
        z = self.act(self.hidden1(z))
        z = self.act(self.hidden2(z))
        return torch.tanh(self.out(z))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(784, 256)
        self.hidden2 = nn.Linear(256, 128)
        self.out = nn.Linear(128, 1)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x):
        x = self.act(self.hidden1(x.flatten(start_dim=1)))
        x = self.act(self.hidden2(x))
        return self.out(x).squeeze(1)


latent_dim = 100
gen = Generator(latent_dim)
critic = Critic()

gen_params = []
for layer in (gen.hidden1, gen.hidden2, gen.out):
    gen_params = list(layer.parameters())
critic_params = list(critic.parameters())

gen_optim = optim.RMSprop(gen_params, lr=5e-5)
critic_optim = optim.RMSprop(critic_params, lr=5e-5)
watch = ganatomy.watch(gen, critic, gen_optim, critic_optim)
dataloader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)

for epoch in range(15):
    for batch_idx, (real, _) in enumerate(dataloader):
        fake = gen(torch.randn(real.shape[0], latent_dim))
        critic_optim.zero_grad()
        critic_loss = -torch.mean(critic(real)) + torch.mean(critic(fake.detach()))
        critic_loss.backward()
        critic_optim.step()
        with torch.no_grad():
            for p in critic.parameters():
                p.clamp_(-0.01, 0.01)

        if batch_idx % 4 == 0:
            gen_optim.zero_grad()
            gen_loss = -torch.mean(critic(gen(torch.randn(real.shape[0], latent_dim))))
            gen_loss.backward()
            gen_optim.step()
            watch.step(loss_D=critic_loss, loss_G=gen_loss)
        else:
            watch.step(loss_D=critic_loss)
    print(f"epoch {epoch}: critic {critic_loss.item():.5f}, gen {gen_loss.item():.5f}")
