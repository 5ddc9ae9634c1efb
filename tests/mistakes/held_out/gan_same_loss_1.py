import ganatomy
import torch
import torch.nn as nn
import torch.nn.functional as F
from lesson import Digits
from torch.utils.data import DataLoader

Z = 32

faker = nn.Sequential(
    nn.Linear(Z, 128),
    nn.BatchNorm1d(128),
    nn.ReLU(),
    nn.Linear(128, 256),
    nn.BatchNorm1d(256),
    nn.ReLU(),
    nn.Linear(256, 784),
    nn.Sigmoid(),
)
judge = nn.Sequential(
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2),
    nn.Dropout(0.3),
    nn.Linear(256, 64),
    nn.LeakyReLU(0.2),
    nn.Linear(64, 1),
)
opt_faker = torch.optim.Adam(faker.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_judge = torch.optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(faker, judge, opt_faker, opt_judge)


def gan_loss(real_score, fake_score):
    real_loss = F.binary_cross_entropy_with_logits(real_score, torch.ones_like(real_score))
    fake_loss = F.binary_cross_entropy_with_logits(fake_score, torch.zeros_like(fake_score))
    return real_loss + fake_loss


def sample(n):
    return faker(torch.randn(n, Z))


loader = DataLoader(Digits(), batch_size=40, shuffle=True)
for _epoch in range(15):
    for images, _ in loader:
        images = images.flatten(1)

        # judge
        opt_judge.zero_grad()
        loss_judge = gan_loss(judge(images), judge(sample(len(images)).detach()))
        loss_judge.backward()
        opt_judge.step()

        # faker
        opt_faker.zero_grad()
        loss_faker = gan_loss(judge(images), judge(sample(len(images))))
        loss_faker.backward()
        opt_faker.step()

        watch.step(loss_D=loss_judge, loss_G=loss_faker)
