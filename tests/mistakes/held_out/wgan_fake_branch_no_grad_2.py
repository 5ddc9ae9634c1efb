import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

BATCH, NOISE, CRITIC_STEPS, LIMIT = 32, 80, 5, 0.01


def build_generator():
    return nn.Sequential(
        nn.Linear(NOISE, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Linear(128, 256),
        nn.BatchNorm1d(256),
        nn.ReLU(),
        nn.Linear(256, 784),
        nn.Tanh(),
        nn.Unflatten(1, (1, 28, 28)),
    )


def build_critic():
    return nn.Sequential(
        nn.Conv2d(1, 8, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(8, 16, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(16 * 7 * 7, 1),
    )


def clip_weights(net, limit):
    for p in net.parameters():
        p.data.clamp_(-limit, limit)


gen = build_generator()
cri = build_critic()
gen_optimizer = torch.optim.RMSprop(gen.parameters(), lr=5e-5)
cri_optimizer = torch.optim.RMSprop(cri.parameters(), lr=5e-5)
watch = ganatomy.watch(gen, cri, gen_optimizer, cri_optimizer)
loader = DataLoader(Digits(transform=normalize), batch_size=BATCH, shuffle=True)

iteration = 0
for epoch in range(8):
    for real, _ in loader:
        iteration += 1
        cri_optimizer.zero_grad()
        with torch.no_grad():
            fake = gen(torch.randn(real.size(0), NOISE))
            fake_score = cri(fake).mean()
        real_score = cri(real).mean()
        cri_loss = fake_score - real_score
        cri_loss.backward()
        cri_optimizer.step()
        clip_weights(cri, LIMIT)

        if iteration % CRITIC_STEPS:
            watch.step(loss_D=cri_loss.item())
            continue
        gen_optimizer.zero_grad()
        gen_loss = -cri(gen(torch.randn(real.size(0), NOISE))).mean()
        gen_loss.backward()
        gen_optimizer.step()
        watch.step(loss_D=cri_loss.item(), loss_G=gen_loss.item())
    print("epoch", epoch, "wasserstein estimate", -cri_loss.item())
