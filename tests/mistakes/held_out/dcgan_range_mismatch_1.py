import ganatomy
import torch
import torch.nn as nn
from lesson import Digits
from torch.utils.data import DataLoader

noise_dim = 100


def to_input(image):
    return (image - 127.5) / 127.5


train_dataset = DataLoader(Digits(transform=to_input), batch_size=18, shuffle=True)


def make_generator_model():
    return nn.Sequential(
        nn.Linear(noise_dim, 7 * 7 * 24, bias=False),
        nn.Unflatten(1, (24, 7, 7)),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(24, 16, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1, bias=False),
        nn.Tanh(),
    )


def make_discriminator_model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Conv2d(16, 24, 4, stride=2, padding=1),
        nn.LeakyReLU(0.3),
        nn.Flatten(),
        nn.Linear(24 * 7 * 7, 1),
    )


generator = make_generator_model()
discriminator = make_discriminator_model()
cross_entropy = nn.BCEWithLogitsLoss()
generator_optimizer = torch.optim.Adam(generator.parameters(), 1e-4)
discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), 1e-4)
watch = ganatomy.watch(generator, discriminator, generator_optimizer, discriminator_optimizer)


def train_step(images):
    noise = torch.randn(images.shape[0], noise_dim)
    generated = generator(noise)
    real_output = discriminator(images)
    fake_output = discriminator(generated.detach())
    real_loss = cross_entropy(real_output, torch.ones_like(real_output))
    disc_loss = real_loss + cross_entropy(fake_output, torch.zeros_like(fake_output))
    discriminator_optimizer.zero_grad()
    disc_loss.backward()
    discriminator_optimizer.step()
    fake_output = discriminator(generated)
    gen_loss = cross_entropy(fake_output, torch.ones_like(fake_output))
    generator_optimizer.zero_grad()
    gen_loss.backward()
    generator_optimizer.step()
    watch.step(loss_D=disc_loss.item(), loss_G=gen_loss.item())


for _epoch in range(10):
    for image_batch, _ in train_dataset:
        train_step(image_batch)
