import ganatomy
import torch
from lesson import Digits, normalize
from torch import nn
from torch.utils.data import DataLoader

dim_z = 50
G = nn.Sequential(
    nn.Linear(dim_z, 128),
    nn.BatchNorm1d(128),
    nn.ReLU(),
    nn.Linear(128, 256),
    nn.BatchNorm1d(256),
    nn.ReLU(),
    nn.Linear(256, 784),
    nn.Tanh(),
)
C = nn.Sequential(
    nn.Linear(784, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 1),
)
optimizer_G = torch.optim.RMSprop(G.parameters(), lr=5e-5)
optimizer_C = torch.optim.RMSprop(C.parameters(), lr=5e-5)
watch = ganatomy.watch(G, C, optimizer_G, optimizer_C)


def update_critic(x):
    G.eval()
    C.train()
    with torch.no_grad():
        x_gen = G(torch.randn(x.shape[0], dim_z))
    loss = C(x_gen).mean() - C(x).mean()
    optimizer_C.zero_grad()
    loss.backward()
    optimizer_C.step()
    with torch.no_grad():
        for param in C.parameters():
            param.clamp_(-0.01, 0.01)
    return loss.item()


def update_generator(n):
    loss = -C(G(torch.randn(n, dim_z))).mean()
    optimizer_G.zero_grad()
    loss.backward()
    optimizer_G.step()
    return loss.item()


loader = DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
for epoch in range(20):
    for i, (x, _) in enumerate(loader):
        loss_C = update_critic(x.flatten(start_dim=1))
        if i % 5 == 4:
            loss_G = update_generator(x.shape[0])
            watch.step(loss_D=loss_C, loss_G=loss_G)
        else:
            watch.step(loss_D=loss_C)
    print(f"epoch {epoch + 1}  critic loss {loss_C:.5f}")
