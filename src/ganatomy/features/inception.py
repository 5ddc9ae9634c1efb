"""Inception features, for comparing with papers on natural images. Needs the extra `inception` and its weights."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

import numpy as np
import torch

from ganatomy import paths
from ganatomy.errors import GanatomyError
from ganatomy.features.base import Extractor

WEIGHTS = "weights-inception-2015-12-05-6726825d.pth"
"""The file of torch-fidelity: the TensorFlow network of the FID paper, converted."""
SHA256_BEGINS = "6726825d"


class Inception(Extractor):
    """The 2,048 pool features of the Inception network that FID was published with (Heusel et al. 2017)."""

    name = "inception"

    def __init__(self) -> None:
        if importlib.util.find_spec("torch_fidelity") is None:
            raise GanatomyError(
                "features=inception needs torch-fidelity: pip install 'ganatomy[inception]'; "
                "or leave --features out, for the features made for your data"
            )
        path = _weights()
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except (ImportError, RuntimeError) as error:
            raise GanatomyError(
                f"torch-fidelity is installed but cannot be loaded: {error}\n"
                "  it needs a torchvision that was built for this very torch; install both from the same index"
            ) from error

        self._network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(path))
        self.digest = hashlib.sha256(path.read_bytes()).hexdigest()

    @torch.inference_mode()
    def features(self, images: np.ndarray) -> np.ndarray:
        """N x H x W x C uint8 to N x 2048; grey images are shown as colour, all are enlarged to 299 x 299."""
        moved = torch.from_numpy(np.array(images, order="C")).permute(0, 3, 1, 2)
        colour = moved.expand(-1, 3, -1, -1)
        return torch.cat([self._network(part)[0].double() for part in colour.split(50)]).numpy()


def _weights() -> Path:
    """The weights' file.

    Raises:
        GanatomyError: it is nowhere, or not the one that the name promises.
    """
    from torch.hub import get_dir

    given = os.environ.get("GANATOMY_INCEPTION")
    path = paths.of_user(given) if given else Path(get_dir()) / "checkpoints" / WEIGHTS
    if not path.is_file():
        raise GanatomyError(
            f"features=inception needs the file {WEIGHTS}, looked for at {path}\n"
            "  get it from the releases of toshas/torch-fidelity on GitHub (91 MB), put it there, or name its place in "
            "the environment variable GANATOMY_INCEPTION"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if not digest.startswith(SHA256_BEGINS):
        raise GanatomyError(
            f"{path} is damaged: its SHA-256 begins with {digest[:8]}, expected {SHA256_BEGINS}; get it again"
        )
    return path
