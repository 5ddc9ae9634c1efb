import torch
from torch import nn
from torch.utils.data import DataLoader
import ganatomy
from lesson import Digits, normalize

G = nn.Sequential(nn.Linear(100, 256), nn.LeakyReLU(0.01), nn.Linear(256, 784), nn.Tanh())
D = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.LeakyReLU(0.01), nn.Linear(128, 1))

criterion = nn.BCEWithLogitsLoss()
G_solver = torch.optim.Adam(G.parameters(), lr=0.5)
D_solver = torch.optim.Adam(D.parameters(), lr=0.5)
watch = ganatomy.watch(G, D, G_solver, D_solver)
loader_train = DataLoader(Digits(transform=normalize), batch_size=64, shuffle=True)

iter_count = 0
for epoch in range(20):
    for x, _ in loader_train:
        D_solver.zero_grad()
        logits_real = D(x)
        g_fake_seed = torch.randn(x.size(0), 100)
        fake_images = G(g_fake_seed).detach()
        logits_fake = D(fake_images)
        d_total_error = criterion(logits_real, torch.ones_like(logits_real))
        d_total_error = d_total_error + criterion(logits_fake, torch.zeros_like(logits_fake))
        d_total_error.backward()
        D_solver.step()

        G_solver.zero_grad()
        gen_logits_fake = D(G(torch.randn(x.size(0), 100)))
        g_error = criterion(gen_logits_fake, torch.ones_like(gen_logits_fake))
        g_error.backward()
        G_solver.step()

        watch.step(loss_D=d_total_error, loss_G=g_error)
        if iter_count % 250 == 0:
            print("Iter: {}, D: {:.4}, G: {:.4}".format(iter_count, d_total_error.item(), g_error.item()))
        iter_count += 1
