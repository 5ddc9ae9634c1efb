"""What the probes of all assignments share: what is logged and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ganatomy.errors import UsageError
from ganatomy.lab.assignments.common import noise
from ganatomy.lab.assignments.observation import BESIDES, SHOWN, Namespace, settle
from ganatomy.watching.names import role_of


class SummaryWriter:
    """In TensorBoard's place: notes what is logged."""

    def __init__(self) -> None:
        self.scalars: dict[str, list[tuple[float, int | None]]] = {}
        self.calls: list[str] = []

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: Any = None,
        walltime: Any = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        step = None if global_step is None else int(global_step)
        self.calls.append(
            f"({repr(tag) if isinstance(tag, str) else _name_of(tag)}, {_name_of(scalar_value)}, {_name_of(global_step)})"
        )
        self.scalars.setdefault(str(tag), []).append((float(scalar_value), step))

    def flush(self) -> None:
        """It keeps nothing back."""

    def close(self) -> None:
        """It can be written to again, as TensorBoard's."""

    def add_scalars(
        self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: Any = None, walltime: Any = None
    ) -> None:
        for tag, value in tag_scalar_dict.items():
            self.add_scalar(f"{main_tag}/{tag}", value, global_step)


def log_losses(names: Namespace) -> Mapping[str, Any]:
    writer = SummaryWriter()
    names["log_losses"](writer, 101.5, 100.25, 100)
    first = [*writer.calls]
    names["log_losses"](writer, 201.5, 200.25, 200)
    # Tags are the student's own, as long as each loss has one, and none names the other network. More may be logged.
    own = {"D": [(101.5, 100), (201.5, 200)], "G": [(100.25, 100), (200.25, 200)]}
    logged = [*writer.scalars.values()]
    wrong = [tag for tag, values in writer.scalars.items() if own.get(_network(tag), values) != values]
    return {
        "losses that have a tag of their own": [name for name, values in own.items() if values in logged],
        "tags that name the other network": len(wrong),
        f"{BESIDES}values by tag": sorted(list(map(list, values)) for values in logged),
        f"{SHOWN}logged": [call for call in first if "wasserstein" not in call],
    }


def _name_of(value: Any) -> str:
    """A value as a student writes it in the first call."""
    return {"101.5": "loss_D", "-101.5": "-loss_D", "100.25": "loss_G", "100": "step"}.get(str(value), str(value))


def _network(tag: str) -> str:
    try:
        return role_of(tag)
    except UsageError:
        return "unknown"


def samples(names: Namespace, G: nn.Module) -> Mapping[str, Any]:
    """`sample_images(G, fixed_noise)`: a picture of 64 images."""
    made = torch.as_tensor(names["sample_images"](settle(G), noise(64)))  # TensorBoard takes arrays as well
    return {
        "shape": list(made.shape),
        f"{BESIDES}in training mode": G.training,
        "lowest": made.min(),
        "highest": made.max(),
        "has a graph": bool(made.requires_grad),
        "images": made,
    }
