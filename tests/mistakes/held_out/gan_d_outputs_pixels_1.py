import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize
from torch.utils.data import DataLoader

image_size = 784
hidden_size = 256
latent_size = 64
batch_size = 32

D = nn.Sequential(
    nn.Linear(image_size, hidden_size),
    nn.LeakyReLU(0.2),
    nn.Linear(hidden_size, hidden_size),
    nn.LeakyReLU(0.2),
    nn.Linear(hidden_size, image_size),
    nn.Sigmoid(),
)
G = nn.Sequential(
    nn.Linear(latent_size, hidden_size),
    nn.ReLU(),
    nn.Linear(hidden_size, hidden_size),
    nn.ReLU(),
    nn.Linear(hidden_size, image_size),
    nn.Tanh(),
)

criterion = nn.BCELoss()
d_optimizer = torch.optim.Adam(D.parameters(), lr=0.0002)
g_optimizer = torch.optim.Adam(G.parameters(), lr=0.0002)
watch = ganatomy.watch(G, D, g_optimizer, d_optimizer)


def reset_grad():
    d_optimizer.zero_grad()
    g_optimizer.zero_grad()


data_loader = DataLoader(Digits(transform=normalize), batch_size=batch_size, shuffle=True)
for epoch in range(20):
    for i, (images, _) in enumerate(data_loader):
        images = images.reshape(images.size(0), -1)
        real_labels = torch.ones(images.size(0), image_size)
        fake_labels = torch.zeros(images.size(0), image_size)

        outputs = D(images)
        d_loss_real = criterion(outputs, real_labels)
        z = torch.randn(images.size(0), latent_size)
        fake_images = G(z)
        outputs = D(fake_images.detach())
        d_loss_fake = criterion(outputs, fake_labels)
        d_loss = d_loss_real + d_loss_fake
        reset_grad()
        d_loss.backward()
        d_optimizer.step()

        z = torch.randn(images.size(0), latent_size)
        fake_images = G(z)
        outputs = D(fake_images)
        g_loss = criterion(outputs, real_labels)
        reset_grad()
        g_loss.backward()
        g_optimizer.step()

        watch.step(loss_D=d_loss, loss_G=g_loss)
        if (i + 1) % 50 == 0:
            print(f"Epoch {epoch}, step {i + 1}, d_loss {d_loss.item():.4f}, g_loss {g_loss.item():.4f}")
