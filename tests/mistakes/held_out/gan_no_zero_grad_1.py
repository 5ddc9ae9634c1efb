import torch
from torch import nn, optim
from torch.utils.data import DataLoader

import ganatomy
from lesson import Digits, normalize

batch_size = 32
latent_size = 64

D = nn.Sequential(
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 1),
    nn.Sigmoid(),
)

G = nn.Sequential(
    nn.Linear(latent_size, 128),
    nn.ReLU(),
    nn.Linear(128, 256),
    nn.ReLU(),
    nn.Linear(256, 784),
    nn.Tanh(),
)

data_loader = DataLoader(Digits(transform=normalize), batch_size=batch_size, shuffle=True)

criterion = nn.BCELoss()
d_optimizer = optim.Adam(D.parameters(), lr=0.0002)
g_optimizer = optim.Adam(G.parameters(), lr=0.0002)
watch = ganatomy.watch(G, D, g_optimizer, d_optimizer)

num_epochs = 15
for epoch in range(num_epochs):
    for i, (images, _) in enumerate(data_loader):
        n = images.size(0)
        images = images.reshape(n, -1)
        real_labels = torch.ones(n, 1)
        fake_labels = torch.zeros(n, 1)

        # ---- discriminator ----
        outputs = D(images)
        d_loss_real = criterion(outputs, real_labels)

        z = torch.randn(n, latent_size)
        fake_images = G(z)
        outputs = D(fake_images.detach())
        d_loss_fake = criterion(outputs, fake_labels)

        d_loss = d_loss_real + d_loss_fake
        d_loss.backward()
        d_optimizer.step()

        # ---- generator ----
        z = torch.randn(n, latent_size)
        g_loss = criterion(D(G(z)), real_labels)

        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()

        if i == 0:
            print(f"epoch {epoch}: d_loss {d_loss.item():.4f}, g_loss {g_loss.item():.4f}")
        watch.step(loss_D=d_loss.item(), loss_G=g_loss.item())
