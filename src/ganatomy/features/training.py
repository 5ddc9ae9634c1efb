"""Training an extractor: to name the class of clean images, and to say how corrupted others are."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ganatomy import randomness
from ganatomy.data import Dataset
from ganatomy.features import learnt
from ganatomy.features.exposure import OUTPUTS, expose
from ganatomy.features.network import NETWORKS, Classifier, Design, FeatureNet
from ganatomy.metrics.distances import distinct, squared_radii

BATCH = 128
EXPOSED = 64
"""Images of each batch that are corrupted, and shown in addition."""
REACH = 2
"""Pixels that an image is moved by at random, to any side; this counts as clean."""
SMOOTHING = 0.05
CAUTION = 5.0
"""How many times it counts as a mistake to call a real image foreign. One such image among 10,000 is enough: precision gives it a
ball in which all that is foreign passes for real."""
NEIGHBOUR = 5
CALIBRATION = 5000
"""Images from which the embedding's mean and the typical distance between neighbours are taken."""


@dataclass(frozen=True)
class Plan:
    """How one extractor is trained."""

    epochs: int
    widths: tuple[int, int] = (32, 96)
    repeats: int = 1
    embedding: int = 48
    rate: float = 4e-3
    """The highest learning rate, reached after a quarter of the training."""
    severity_weight: float = 6.0
    """How many typical distances between neighbours a severity of 1 is worth (`graded`). Chosen on MNIST's ladder: at 10 the
    ball of one real outlier holds black images, at 2 and not squared a blur of 4 pixels passes for real at n = 500."""
    seed: int = 0


PLANS: dict[tuple[str, str], Plan] = {
    ("mnist", "graded"): Plan(epochs=8),
    ("mnist", "plain"): Plan(epochs=4, widths=(16, 32), embedding=64, rate=2e-3),
    ("fashion_mnist", "graded"): Plan(epochs=13, widths=(32, 128), repeats=2),
    ("fashion_mnist", "plain"): Plan(epochs=6, widths=(16, 32), embedding=64, rate=2e-3),
    ("digits", "graded"): Plan(epochs=200),
    ("digits", "plain"): Plan(epochs=60, widths=(16, 32), embedding=64, rate=2e-3),
}
"""Of the extractors that come with the package. The digits' graded one was made before `foreign` had blobs, figures and signs."""


def plan_for(source: str, kind: str, count: int) -> Plan:
    """The plan of a shipped extractor; for a user's own images about 2,500 batches, in at least 5 epochs."""
    return PLANS.get((source, kind)) or Plan(epochs=min(max(5, 2500 * BATCH // max(count, 1)), 200))


@dataclass(frozen=True)
class Trained:
    """An extractor's file, and what its card says."""

    content: bytes
    card: dict[str, Any]


def train(
    source: str,
    kind: str,
    dataset: Dataset,
    held_out: Dataset,
    plan: Plan,
    say: Callable[[str], None] = lambda line: None,
) -> Trained:
    """Train an extractor of one kind on a data set with labels.

    Args:
        source: the data's name, for the card.
        kind: `graded`, or `plain` (a classifier that never sees a corrupted image).
        dataset: what it learns from: N x H x W x C uint8, with labels.
        held_out: where its accuracy is measured.
        plan: size, length and seed.
        say: called with a line for each epoch (for at most 20 of them).
    """
    assert dataset.labels is not None
    assert held_out.labels is not None
    design = Design(dataset.shape[2], len(dataset.classes), len(OUTPUTS), plan.widths, plan.embedding, plan.repeats)
    with randomness.global_seed(plan.seed, "features"):
        net = NETWORKS[kind](design)
    images = learnt.prepare(dataset.images).contiguous()
    labels = torch.from_numpy(dataset.labels.copy())
    rng = randomness.generator(plan.seed, "features/training")
    steps = plan.epochs * max(1, len(images) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.rate, total_steps=max(steps, 8), pct_start=0.25)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    log: list[str] = []
    started = time.perf_counter()
    for epoch in range(1, plan.epochs + 1):
        losses = _epoch(net, images, labels, kind, optimizer, schedule, rng)
        if epoch == plan.epochs or epoch % -(-plan.epochs // 20) == 0:
            net.eval()
            line = f"epoch {epoch:3d} of {plan.epochs}: class loss {losses[0]:.4f}, severity loss {losses[1]:.4f}, "
            line += f"held-out accuracy {accuracy(net, held_out):.4f}, {time.perf_counter() - started:.0f} s"
            log.append(line)
            say(line)
    facts = {"source": source, "kind": kind, "classes": list(dataset.classes), "shape": list(dataset.shape)}
    content = _finish(net, design, dataset.images, facts, plan)
    card = {
        "source": source,
        "kind": kind,
        "architecture": NETWORKS[kind].describe(design),
        "trained_on": f"{len(dataset)} images, SHA-256 {dataset.digest}",
        "held_out": f"{len(held_out)} images, SHA-256 {held_out.digest}",
        "plan": dataclasses.asdict(plan),
        "held_out_accuracy": round(accuracy(net, held_out), 4),
        "features": "embedding and severities" if kind == "graded" else "embedding after ReLU",
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "log": log,
    }
    return Trained(content, card)


def _epoch(
    net: FeatureNet | Classifier,
    images: Tensor,
    labels: Tensor,
    kind: str,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    rng: Generator,
) -> tuple[float, float]:
    """One pass over the images; the mean of the class loss and of the severity loss."""
    net.train()
    order = torch.randperm(len(images), generator=rng)
    sums = torch.zeros(2)
    steps = max(1, len(images) // BATCH)
    for step in range(steps):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        parts = torch.stack(LOSSES[kind](net, images[chosen], labels[chosen], rng))
        optimizer.zero_grad()
        parts.sum().backward()
        optimizer.step()
        schedule.step()
        sums += parts.detach()
    class_loss, severity_loss = (sums / steps).tolist()
    return class_loss, severity_loss


def plain_loss(net: FeatureNet | Classifier, clean: Tensor, labels: Tensor, rng: Generator) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the classes, as it is usually written: without smoothing, which makes garbage stand apart."""
    logits, _, _ = net(clean.contiguous(memory_format=torch.channels_last))
    return F.cross_entropy(logits, labels), torch.zeros(())


def graded_loss(net: FeatureNet | Classifier, clean: Tensor, labels: Tensor, rng: Generator) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the classes of clean and of mildly corrupted images; binary cross-entropy of all severities."""
    clean = moved(clean, rng)
    picked = torch.randperm(len(clean), generator=rng)[:EXPOSED]
    corrupted, severities = expose(clean[picked], rng)
    together = torch.cat([clean, corrupted]).contiguous(memory_format=torch.channels_last)
    logits, _, judged = net(together)
    of_clean = F.cross_entropy(logits[: len(clean)], labels, label_smoothing=SMOOTHING)
    # What is corrupted by half and more has no class worth learning.
    mild = (1 - 2 * severities.sum(dim=1)).clamp(min=0)
    each = F.cross_entropy(logits[len(clean) :], labels[picked], label_smoothing=SMOOTHING, reduction="none")
    target = torch.cat([torch.zeros(len(clean), severities.shape[1]), severities])
    weight = torch.ones_like(target)
    weight[: len(clean), -1] = CAUTION
    return of_clean + 0.5 * (each * mild).mean(), 4 * F.binary_cross_entropy_with_logits(judged, target, weight)


LOSSES = {"graded": graded_loss, "plain": plain_loss}


def moved(images: Tensor, rng: Generator) -> Tensor:
    """Each image shifted by up to REACH pixels to any side; what comes in is black."""
    count, _, height, width = images.shape
    padded = F.pad(images, (REACH, REACH, REACH, REACH)).permute(0, 2, 3, 1)
    down, right = torch.randint(2 * REACH + 1, (2, count), generator=rng)
    rows = (down[:, None] + torch.arange(height))[:, :, None]
    columns = (right[:, None] + torch.arange(width))[:, None, :]
    return padded[torch.arange(count)[:, None, None], rows, columns].permute(0, 3, 1, 2)


@torch.inference_mode()
def accuracy(net: FeatureNet | Classifier, held_out: Dataset) -> float:
    """Share of held-out images whose class is named rightly."""
    assert held_out.labels is not None
    images = learnt.prepare(held_out.images)
    named = torch.cat([net(part)[0].argmax(dim=1) for part in images.split(500)])
    return (named.numpy() == held_out.labels).mean().item()


@torch.inference_mode()
def _finish(
    net: FeatureNet | Classifier, design: Design, images: np.ndarray, facts: dict[str, Any], plan: Plan
) -> bytes:
    """Calibrate with the weights as the file keeps them, and pack."""
    net.eval()
    for parameter in net.parameters():
        if parameter.dim() > 1:
            parameter.copy_(parameter.half())
    some = np.random.default_rng(randomness.derive(plan.seed, "features/calibration")).permutation(len(images))[
        :CALIBRATION
    ]
    shown = learnt.prepare(images[np.sort(some)])
    embedding = torch.cat([net(part)[1] for part in shown.split(500)])
    mean = embedding.mean(dim=0)
    radius = float(np.sqrt(np.median(squared_radii(distinct(embedding.double().numpy()), NEIGHBOUR))))
    return learnt.pack(net, design, learnt.Scale(mean, radius, plan.severity_weight), facts)
