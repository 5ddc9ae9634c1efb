import ganatomy
import torch
import torch.nn as nn
from lesson import Digits, normalize

z_size = 100
gen = nn.Sequential(
    nn.ConvTranspose2d(z_size, 32, 7, 1, 0),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.ConvTranspose2d(32, 16, 4, 2, 1),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, 2, 1),
    nn.Tanh(),
)
dis = nn.Sequential(
    nn.Conv2d(1, 16, 4, 2, 1),
    nn.LeakyReLU(0.2),
    nn.Conv2d(16, 32, 4, 2, 1),
    nn.BatchNorm2d(32),
    nn.LeakyReLU(0.2),
    nn.Conv2d(32, 1, 7, 1, 0),
    nn.Flatten(0),
)


def init_weights(m):
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.constant_(m.weight, 0)
        nn.init.constant_(m.bias, 0)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.constant_(m.weight, 1)
        nn.init.constant_(m.bias, 0)


gen.apply(init_weights)
dis.apply(init_weights)

bce_logits = nn.BCEWithLogitsLoss()
optim_gen = torch.optim.Adam(gen.parameters(), lr=0.0002, betas=(0.5, 0.999))
optim_dis = torch.optim.Adam(dis.parameters(), lr=0.0002, betas=(0.5, 0.999))
watch = ganatomy.watch(gen, dis, optim_gen, optim_dis)

trainloader = torch.utils.data.DataLoader(Digits(transform=normalize), batch_size=20, shuffle=True)
for epoch in range(10):
    running_d = running_g = 0.0
    for x, _ in trainloader:
        bs = x.size(0)
        fake = gen(torch.randn(bs, z_size, 1, 1))

        optim_dis.zero_grad()
        loss_real = bce_logits(dis(x), torch.ones(bs))
        loss_fake = bce_logits(dis(fake.detach()), torch.zeros(bs))
        loss_d = loss_real + loss_fake
        loss_d.backward()
        optim_dis.step()

        optim_gen.zero_grad()
        loss_g = bce_logits(dis(fake), torch.ones(bs))
        loss_g.backward()
        optim_gen.step()

        running_d += loss_d.item()
        running_g += loss_g.item()
        watch.step(loss_D=loss_d, loss_G=loss_g)
    print(epoch, running_d / len(trainloader), running_g / len(trainloader))
