import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits


class Gen(nn.Module):
    def __init__(self, z_dim=100):
        super().__init__()
        self.fc1 = nn.Linear(z_dim, 128)
        self.fc2 = nn.Linear(128, 256)
        self.fc3 = nn.Linear(256, 784)

    def forward(self, z):
        h = F.leaky_relu(self.fc1(z), 0.2)
        h = F.leaky_relu(self.fc2(h), 0.2)
        return torch.sigmoid(self.fc3(h))


class Disc(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 256)
        self.fc2 = nn.Linear(256, 64)
        self.fc3 = nn.Linear(64, 1)

    def forward(self, x):
        h = F.dropout(F.leaky_relu(self.fc1(x), 0.2), 0.3, training=self.training)
        h = F.dropout(F.leaky_relu(self.fc2(h), 0.2), 0.3, training=self.training)
        return self.fc3(h)


gen, disc = Gen(), Disc()
gen_opt = torch.optim.Adam(gen.parameters(), lr=2e-4, betas=(0.5, 0.999))
disc_opt = torch.optim.Adam(disc.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, disc, gen_opt, disc_opt)
loader = DataLoader(Digits(), batch_size=50, shuffle=True)

for epoch in range(12):
    for x, _ in loader:
        x = x.view(x.size(0), -1)
        ones = torch.ones(x.size(0), 1)
        zeros = torch.zeros(x.size(0), 1)

        # train the discriminator
        disc_opt.zero_grad()
        fake = gen(torch.randn(x.size(0), 100))
        real_loss = F.binary_cross_entropy_with_logits(disc(x), ones)
        fake_loss = F.binary_cross_entropy_with_logits(disc(fake.detach()), zeros)
        disc_loss = (real_loss + fake_loss) / 2
        disc_loss.backward()
        disc_opt.step

        # train the generator
        gen_opt.zero_grad()
        gen_loss = F.binary_cross_entropy_with_logits(disc(fake), ones)
        gen_loss.backward()
        gen_opt.step()

        watch.step(loss_D=disc_loss, loss_G=gen_loss)
    print(f"Epoch {epoch + 1}: D {disc_loss.item():.3f} G {gen_loss.item():.3f}")
