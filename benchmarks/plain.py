"""The lab's training loop as a student writes it: what ganatomy is measured against.

The three systems of the lab (networks, losses, optimisers, data ranges, critic steps) in plain PyTorch: a `DataLoader`
over PIL images with a to-tensor transform, `BCELoss`, default optimisers, fresh noise for D and again for G, fakes by
`.detach()`, `.item()` each step. Nothing of ganatomy is imported here.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torch.utils.flop_counter import FlopCounterMode

BATCH = 128
LATENT = 100
CRITIC_STEPS = {"gan": 1, "dcgan": 1, "wgan": 5}
SYSTEMS = tuple(CRITIC_STEPS)


class PilImages(TorchDataset[Tensor]):
    """Images as a folder data set gives them: a PIL image each, made a tensor when it is asked for."""

    def __init__(self, images: np.ndarray, symmetric: bool) -> None:
        self.images = images
        self.symmetric = symmetric

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        image = Image.fromarray(self.images[index])
        pixels = torch.from_numpy(np.array(image, np.uint8, copy=True)).view(image.size[1], image.size[0], 1)
        tensor = pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        return tensor.sub(0.5).div(0.5) if self.symmetric else tensor


def mnist(folder: Path) -> np.ndarray:
    """The 60,000 training images of MNIST, N x 28 x 28 uint8, from torchvision's folder layout."""
    plain = folder / "MNIST" / "raw" / "train-images-idx3-ubyte"
    packed = plain.with_name(plain.name + ".gz")
    content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28)


def networks(system: str) -> tuple[nn.Module, nn.Module]:
    """The lab's generator and discriminator for 28 x 28 grey images."""
    if system == "gan":
        generator = nn.Sequential(
            nn.Linear(LATENT, 256),
            nn.ReLU(),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Tanh(),
            nn.Unflatten(1, (1, 28, 28)),
        )
        discriminator = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 256),
            nn.LeakyReLU(0.1),
            nn.Linear(256, 256),
            nn.LeakyReLU(0.1),
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )
        return generator, discriminator
    generator = nn.Sequential(
        nn.Linear(LATENT, 1024),
        nn.BatchNorm1d(1024),
        nn.ReLU(),
        nn.Linear(1024, 6272),
        nn.BatchNorm1d(6272),
        nn.ReLU(),
        nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 4, 2, 1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, 1),
        nn.Sigmoid() if system == "dcgan" else nn.Tanh(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(32, 64, 5),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(1024, 1024),
        nn.LeakyReLU(0.1),
        nn.Linear(1024, 1),
        *([nn.Sigmoid()] if system == "dcgan" else []),
    )
    return generator, discriminator


def needed_flops(system: str, batch: int = BATCH) -> int:
    """Floating-point operations that one update of G and the critic steps before it need, in products of matrices.

    The plain loop makes more: in G's step it also computes gradients of D's weights, and throws them away.
    """
    generator, discriminator = networks(system)
    noise, images = torch.zeros(batch, LATENT), torch.zeros(batch, 1, 28, 28)
    with FlopCounterMode(display=False) as critic_step:
        with torch.no_grad():
            fakes = generator(noise)
        (discriminator(images).mean() + discriminator(fakes).mean()).backward()
    discriminator.requires_grad_(False)
    with FlopCounterMode(display=False) as generator_step:
        discriminator(generator(noise)).mean().backward()
    return CRITIC_STEPS[system] * critic_step.get_total_flops() + generator_step.get_total_flops()


class PlainLoop:
    """The loop of one system. Iterating `steps()` makes one update of G a step, for ever."""

    PHASES = ("data", "D step", "G step", "optimiser", "logging")

    def __init__(self, system: str, images: np.ndarray, batch: int = BATCH, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.system = system
        self.generator, self.discriminator = networks(system)
        if system == "wgan":
            self.optim_g: torch.optim.Optimizer = torch.optim.RMSprop(self.generator.parameters(), lr=0.00005)
            self.optim_d: torch.optim.Optimizer = torch.optim.RMSprop(self.discriminator.parameters(), lr=0.00005)
        else:
            self.optim_g = torch.optim.Adam(self.generator.parameters(), lr=0.0002)
            self.optim_d = torch.optim.Adam(self.discriminator.parameters(), lr=0.0002)
        self.loader = DataLoader(PilImages(images, symmetric=system == "wgan"), batch_size=batch, shuffle=True)
        self.seconds = dict.fromkeys(self.PHASES, 0.0)
        """Time spent in each phase so far."""
        self.images = 0
        """Real images drawn so far."""

    def steps(self) -> Iterator[None]:
        bce = nn.BCELoss()
        epoch = 0
        last = time.perf_counter()

        def spent(phase: str) -> None:
            nonlocal last
            now = time.perf_counter()
            self.seconds[phase] += now - last
            last = now

        while True:
            sum_d, sum_g = 0.0, 0.0
            for step, real_images in enumerate(self.loader, start=1):
                count = real_images.size(0)
                ones, zeros = torch.ones(count, 1), torch.zeros(count, 1)
                spent("data")
                for _ in range(CRITIC_STEPS[self.system]):
                    real_output = self.discriminator(real_images)
                    fake_images = self.generator(torch.randn(count, LATENT))
                    fake_output = self.discriminator(fake_images.detach())
                    if self.system == "wgan":
                        loss_d = -(torch.mean(real_output) - torch.mean(fake_output))
                    else:
                        loss_d = bce(real_output, ones) + bce(fake_output, zeros)
                    self.optim_d.zero_grad()
                    loss_d.backward()
                    spent("D step")
                    self.optim_d.step()
                    if self.system == "wgan":
                        for parameter in self.discriminator.parameters():
                            parameter.data.clamp_(-0.01, 0.01)
                    spent("optimiser")
                    sum_d += loss_d.item()
                    spent("logging")
                fake_output = self.discriminator(self.generator(torch.randn(count, LATENT)))
                loss_g = -torch.mean(fake_output) if self.system == "wgan" else bce(fake_output, ones)
                self.optim_g.zero_grad()
                loss_g.backward()
                spent("G step")
                self.optim_g.step()
                spent("optimiser")
                sum_g += loss_g.item()
                self.images += count
                if step % 100 == 0 or step == len(self.loader):
                    print(
                        f"Epoch {epoch:02d} | Step {step:04d} / {len(self.loader)} "
                        f"| Loss_D {sum_d / step:.4f} | Loss_G {sum_g / step:.4f}"
                    )
                spent("logging")
                yield
                last = time.perf_counter()
            epoch += 1
