"""Extractors that were trained: the file they live in, and the features they return."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as bytes_from_tensors
from torch import Tensor

from ganatomy import randomness
from ganatomy.errors import GanatomyError
from ganatomy.features.base import Extractor
from ganatomy.features.network import NETWORKS, Classifier, Design, FeatureNet

FORMAT = 1
"""Number of the file format, and of the arithmetic from weights to features; another number is another extractor."""

BATCH = 250


@dataclass(frozen=True)
class Scale:
    """What makes distances of two extractors about alike."""

    mean: Tensor
    """Of the real images' embeddings: d."""
    radius: float
    """The median distance of a real image's embedding to its fifth neighbour; 1 in the features."""
    severity_weight: float
    """How many of these a severity of 1 is worth; one of 0.5 is worth a quarter of it."""


class LearntExtractor(Extractor):
    """A trained network, frozen. Images are N x H x W x C uint8 of the shape it was trained on."""

    kind: ClassVar[str]

    def __init__(self, net: FeatureNet | Classifier, scale: Scale, facts: dict[str, Any], digest: str) -> None:
        self.net = net.eval().requires_grad_(False)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.scale = scale
        self.digest = digest
        self.classes = tuple(facts["classes"])
        self.shape: tuple[int, int, int] = tuple(facts["shape"])

    def features(self, images: np.ndarray) -> np.ndarray:
        return self.features_and_classes(images)[0]

    @torch.inference_mode()
    def features_and_classes(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """N x d features and N x K probabilities, float64.

        Raises:
            GanatomyError: images of another shape than it was trained on.
        """
        if images.shape[1:] != self.shape or images.dtype != np.uint8:
            found = " x ".join(map(str, images.shape[1:]))
            wanted = " x ".join(map(str, self.shape))
            raise GanatomyError(f"the features are for images of {wanted} uint8, found {found} {images.dtype}")
        features, probabilities = [], []
        for start in range(0, max(len(images), 1), BATCH):
            logits, embedding, severity = self.net(prepare(images[start : start + BATCH]))
            features.append(self._together(embedding, severity).double())
            probabilities.append(logits.double().softmax(dim=1))
        return torch.cat(features).numpy(), torch.cat(probabilities).numpy()

    def _together(self, embedding: Tensor, severity: Tensor) -> Tensor:
        raise NotImplementedError


class Graded(LearntExtractor):
    """What is shown, together with how corrupted it is: features that garbage cannot hide in."""

    name = "graded"
    kind = "graded"

    def _together(self, embedding: Tensor, severity: Tensor) -> Tensor:
        # The embedding is linear. A ReLU would put all that excites nothing at one corner amid the real images.
        place = (embedding - self.scale.mean) / self.scale.radius
        # Squared: what barely shows moves an image little, and garbage far beyond the largest ball of a real outlier.
        return torch.cat([place, self.scale.severity_weight * severity.sigmoid().square()], dim=1)


class Plain(LearntExtractor):
    """A classifier's last features after ReLU, as most references use them. Kept to show how they are fooled."""

    name = "plain"
    kind = "plain"

    def _together(self, embedding: Tensor, severity: Tensor) -> Tensor:
        return embedding / self.scale.radius


KINDS: dict[str, type[LearntExtractor]] = {kind.kind: kind for kind in (Graded, Plain)}

LARGEST = 32
"""Larger images are averaged down to this height and width before the network sees them."""


def prepare(images: np.ndarray) -> Tensor:
    """N x H x W x C uint8 to what the network takes: N x C x H x W float32 in [0, 1], at most 32 x 32."""
    moved = torch.from_numpy(np.array(images, order="C")).permute(0, 3, 1, 2).float() / 255
    if max(moved.shape[-2:]) > LARGEST:
        moved = F.interpolate(moved, size=(LARGEST, LARGEST), mode="area")
    return moved.contiguous(memory_format=torch.channels_last)


def pack(net: FeatureNet | Classifier, design: Design, scale: Scale, facts: dict[str, Any]) -> bytes:
    """The file's bytes: safetensors with the facts as metadata. Convolutions and matrices are kept in float16."""
    tensors = {}
    for name, value in net.state_dict().items():
        if value.is_floating_point():
            tensors[f"net.{name}"] = (value.half() if value.dim() > 1 else value).contiguous()
    tensors["mean"] = scale.mean.contiguous()
    tensors["radius"] = torch.tensor(scale.radius, dtype=torch.float64)
    tensors["severity_weight"] = torch.tensor(scale.severity_weight, dtype=torch.float64)
    facts = {**facts, "format": FORMAT, "design": design.__dict__}
    return bytes_from_tensors(tensors, {"facts": json.dumps(facts, sort_keys=True)})


def load(path: Path, expected_sha256: str | None = None) -> LearntExtractor:
    """Read an extractor's file.

    Raises:
        GanatomyError: the file is missing, damaged, not the one whose hash is expected, or of a newer format.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GanatomyError(f"the features' weights {path} cannot be read: {error.strerror or error}") from error
    return of_bytes(content, path, expected_sha256)


def of_bytes(content: bytes, path: Path, expected_sha256: str | None = None) -> LearntExtractor:
    """The extractor in a file's bytes; `path` is for messages. Raises as `load` does."""
    digest = hashlib.sha256(content).hexdigest()
    if expected_sha256 is not None and digest != expected_sha256:
        raise GanatomyError(
            f"the features' weights {path} are damaged: SHA-256 {digest}, expected {expected_sha256}; "
            "install the package again, or remove the file if it lies in the cache"
        )
    try:
        tensors = tensors_from_bytes(content)
        # Of the very bytes that were hashed: 8 bytes of length, then the header as JSON.
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        facts = json.loads(header["__metadata__"]["facts"])
        if facts["format"] != FORMAT:
            raise GanatomyError(
                f"the features' weights {path} are damaged, or of another version of ganatomy: they have format "
                f"{facts['format']!r}, and this one reads {FORMAT}"
            )
        design = Design(**{**facts["design"], "widths": tuple(facts["design"]["widths"])})
        # Building draws initial weights, which are overwritten: the caller's random numbers shall not notice.
        with randomness.global_seed(0, "features"):
            net = NETWORKS[facts["kind"]](design)
        state = {name.removeprefix("net."): value.float() for name, value in tensors.items() if "net." in name}
        missing = net.load_state_dict(state, strict=False).missing_keys
        if any(not name.endswith("num_batches_tracked") for name in missing):
            raise GanatomyError(f"the features' weights {path} are damaged: they lack {', '.join(missing)}")
        scale = Scale(tensors["mean"], float(tensors["radius"]), float(tensors["severity_weight"]))
        return KINDS[facts["kind"]](net, scale, facts, digest)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise GanatomyError(f"the features' weights {path} are damaged: {error}; make them anew") from error
