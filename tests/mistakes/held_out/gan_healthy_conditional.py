import torch
import torch.nn as nn
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

n_classes, latent_dim = 10, 64


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.label_emb = nn.Embedding(n_classes, n_classes)
        self.model = nn.Sequential(
            nn.Linear(latent_dim + n_classes, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(256, 784),
            nn.Tanh(),
        )

    def forward(self, noise, labels):
        x = torch.cat((self.label_emb(labels), noise), dim=1)
        return self.model(x).view(-1, 1, 28, 28)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.label_embedding = nn.Embedding(n_classes, n_classes)
        self.model = nn.Sequential(
            nn.Linear(n_classes + 784, 256),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(256, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.4),
            nn.Linear(256, 1),
        )

    def forward(self, img, labels):
        return self.model(torch.cat((img.flatten(1), self.label_embedding(labels)), dim=1))


generator, discriminator = Generator(), Discriminator()
adversarial_loss = nn.MSELoss()
optimizer_G = torch.optim.Adam(generator.parameters(), lr=0.0002, betas=(0.5, 0.999))
optimizer_D = torch.optim.Adam(discriminator.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(generator, discriminator, optimizer_G, optimizer_D)

for epoch in range(20):
    for imgs, labels in DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True):
        n = imgs.shape[0]
        valid, fake = torch.ones(n, 1), torch.zeros(n, 1)

        optimizer_G.zero_grad()
        gen_labels = torch.randint(0, n_classes, (n,))
        gen_imgs = generator(torch.randn(n, latent_dim), gen_labels)
        g_loss = adversarial_loss(discriminator(gen_imgs, gen_labels), valid)
        g_loss.backward()
        optimizer_G.step()

        optimizer_D.zero_grad()
        d_loss = adversarial_loss(discriminator(imgs, labels), valid)
        d_loss = 0.5 * (d_loss + adversarial_loss(discriminator(gen_imgs.detach(), gen_labels), fake))
        d_loss.backward()
        optimizer_D.step()
        watch.step(loss_D=d_loss, loss_G=g_loss)
