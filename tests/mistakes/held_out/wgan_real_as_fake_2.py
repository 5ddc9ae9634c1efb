import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize
from torch.utils.data import DataLoader

config = {"z": 40, "lr": 5e-5, "clip": 0.01, "n_critic": 5, "batch": 32, "epochs": 25}


class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(config["z"], 128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.body(z).view(-1, 1, 28, 28)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 200),
            nn.LeakyReLU(0.2),
            nn.Linear(200, 100),
            nn.LeakyReLU(0.2),
            nn.Linear(100, 1),
        )

    def forward(self, x):
        return self.body(x)


gen, critic = Gen(), Critic()
gen_opt = torch.optim.RMSprop(gen.parameters(), lr=config["lr"])
critic_opt = torch.optim.RMSprop(critic.parameters(), lr=config["lr"])
watch = ganatomy.watch(gen, critic, gen_opt, critic_opt)
loader = DataLoader(Digits(transform=normalize), batch_size=config["batch"], shuffle=True)

step = 0
for _epoch in range(config["epochs"]):
    for imgs, _labels in loader:
        z = torch.randn(imgs.size(0), config["z"])
        gen_imgs = gen(z).detach()
        critic_real = critic(imgs)
        critic_fake = critic(imgs)
        critic_loss = critic_fake.mean() - critic_real.mean()
        critic_opt.zero_grad()
        critic_loss.backward()
        critic_opt.step()
        for p in critic.parameters():
            p.data.clamp_(-config["clip"], config["clip"])

        step += 1
        if step % config["n_critic"] == 0:
            gen_loss = -critic(gen(torch.randn(imgs.size(0), config["z"]))).mean()
            gen_opt.zero_grad()
            gen_loss.backward()
            gen_opt.step()
            watch.step(loss_D=critic_loss, loss_G=gen_loss)
        else:
            watch.step(loss_D=critic_loss)
