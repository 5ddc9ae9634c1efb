import ganatomy
import torch
from lesson import Digits
from torch import nn, optim
from torch.utils.data import DataLoader


class Shengchengqi(nn.Module):
    def __init__(self):
        super().__init__()
        self.gen = nn.Sequential(
            nn.Linear(100, 256),
            nn.ReLU(True),
            nn.Linear(256, 256),
            nn.ReLU(True),
            nn.Linear(256, 784),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.gen(x)


class Panbieqi(nn.Module):
    def __init__(self):
        super().__init__()
        self.dis = nn.Sequential(
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.dis(x).squeeze(-1)


dataloader = DataLoader(Digits(), batch_size=32, shuffle=True)

S = Shengchengqi()
P = Panbieqi()
criterion = nn.BCELoss()
p_optimizer = optim.Adam(P.parameters(), lr=0.0003)
s_optimizer = optim.Adam(S.parameters(), lr=0.0003)
watch = ganatomy.watch(S, P, s_optimizer, p_optimizer)

for epoch in range(20):
    for i, (img, _) in enumerate(dataloader):
        num_img = img.size(0)
        real_img = img.view(num_img, -1)
        real_label = torch.ones(num_img)
        fake_label = torch.zeros(num_img)

        real_out = P(real_img)
        fake_out = P(S(torch.randn(num_img, 100)).detach())
        p_loss = criterion(real_out, real_label) + criterion(fake_out, fake_label)
        p_optimizer.zero_grad()
        p_loss.backward()
        p_optimizer.step()

        s_loss = criterion(P(S(torch.randn(num_img, 100))), real_label)
        s_optimizer.zero_grad()
        s_loss.backward()
        s_optimizer.step()

        watch.step(loss_D=p_loss, loss_G=s_loss)
        if i % 50 == 0:
            print(f"[{epoch}/20] p_loss {p_loss.item():.3f} s_loss {s_loss.item():.3f}")
