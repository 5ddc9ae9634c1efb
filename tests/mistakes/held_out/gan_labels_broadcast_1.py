import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize


class G_Net(nn.Module):
    def __init__(self, dim=50):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(dim, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 28 * 28),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z).reshape(-1, 1, 28, 28)


class D_Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(28 * 28, 200),
            nn.LeakyReLU(0.2),
            nn.Linear(200, 64),
            nn.LeakyReLU(0.2),
            nn.Linear(64, 1),
        )

    def forward(self, x):
        return self.net(x.reshape(x.shape[0], -1)).squeeze()


g_net, d_net = G_Net(), D_Net()
opt_g = torch.optim.Adam(g_net.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(d_net.parameters(), lr=2e-4, betas=(0.5, 0.999))
watch = ganatomy.watch(g_net, d_net, opt_g, opt_d)
mse = nn.MSELoss()

loader = torch.utils.data.DataLoader(Digits(transform=normalize), batch_size=32, shuffle=True)
iters = 0
for _ in range(25):
    for batch in loader:
        x = batch[0]
        valid = torch.ones((x.shape[0], 1))
        fake = torch.zeros((x.shape[0], 1))

        # Train G
        opt_g.zero_grad()
        gen_x = g_net(torch.randn(x.shape[0], 50))
        g_loss = 0.5 * mse(d_net(gen_x), valid)
        g_loss.backward()
        opt_g.step()

        # Train D
        opt_d.zero_grad()
        d_loss = 0.5 * (mse(d_net(x), valid) + mse(d_net(gen_x.detach()), fake))
        d_loss.backward()
        opt_d.step()

        watch.step(loss_D=d_loss, loss_G=g_loss)
        iters += 1
