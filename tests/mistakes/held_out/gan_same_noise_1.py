import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize
from torch.utils.data import DataLoader

bs = 32
z_dim = 100


class Generator(nn.Module):
    def __init__(self, g_input_dim, g_output_dim):
        super().__init__()
        self.fc1 = nn.Linear(g_input_dim, 128)
        self.fc2 = nn.Linear(128, 256)
        self.fc3 = nn.Linear(256, g_output_dim)

    def forward(self, x):
        x = nn.functional.leaky_relu(self.fc1(x), 0.2)
        x = nn.functional.leaky_relu(self.fc2(x), 0.2)
        return torch.tanh(self.fc3(x))


class Discriminator(nn.Module):
    def __init__(self, d_input_dim):
        super().__init__()
        self.fc1 = nn.Linear(d_input_dim, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 1)

    def forward(self, x):
        x = nn.functional.dropout(nn.functional.leaky_relu(self.fc1(x), 0.2), 0.3, self.training)
        x = nn.functional.dropout(nn.functional.leaky_relu(self.fc2(x), 0.2), 0.3, self.training)
        return torch.sigmoid(self.fc3(x))


G = Generator(z_dim, 784)
D = Discriminator(784)
criterion = nn.BCELoss()
G_optimizer = torch.optim.Adam(G.parameters(), lr=0.0002)
D_optimizer = torch.optim.Adam(D.parameters(), lr=0.0002)
watch = ganatomy.watch(G, D, G_optimizer, D_optimizer)

train_loader = DataLoader(Digits(transform=normalize), batch_size=bs, shuffle=True, drop_last=True)
y_real = torch.ones(bs, 1)
y_fake = torch.zeros(bs, 1)
z = torch.randn(bs, z_dim)

for epoch in range(20):
    D_losses = []
    for x, _ in train_loader:
        D.zero_grad()
        D_loss = criterion(D(x.view(-1, 784)), y_real) + criterion(D(G(z).detach()), y_fake)
        D_loss.backward()
        D_optimizer.step()
        D_losses.append(D_loss.item())

        G.zero_grad()
        G_loss = criterion(D(G(z)), y_real)
        G_loss.backward()
        G_optimizer.step()
        watch.step(loss_D=D_loss, loss_G=G_loss)
    print(f"[{epoch + 1}/20]: loss_d: {sum(D_losses) / len(D_losses):.3f}")
