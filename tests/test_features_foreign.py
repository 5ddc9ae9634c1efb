"""Images of no source: each kind varies, is a function of the generator, and what is made of pieces is made of the source's."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ganatomy.features.foreign import KINDS, Make, blobs, figures, foreign, grain, mean, mosaic, plain, signs, static

kinds = pytest.mark.parametrize("kind", dict.fromkeys(KINDS), ids=lambda kind: kind.__name__)
shapes = pytest.mark.parametrize("shape", [(1, 28, 28), (3, 9, 14), (1, 4, 4), (3, 64, 32)])


def rng(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def source(shape: tuple[int, ...] = (1, 28, 28)) -> Tensor:
    return torch.rand(24, *shape, generator=rng(4))


def some(kind: Make, count: int, images: Tensor) -> Tensor:
    shared = rng()
    return torch.stack([kind(images, shared).expand(images.shape[1:]) for _ in range(count)])


@kinds
@shapes
def test_each_kind_is_images(kind: Make, shape: tuple[int, ...]) -> None:
    images = source(shape)
    kept = images.clone()
    made = some(kind, 40, images)
    assert made.shape == (40, *shape)
    assert made.min() >= 0
    assert made.max() <= 1
    assert torch.equal(made, some(kind, 40, images))
    assert torch.equal(images, kept)
    alike = 40 - len(made.flatten(1).unique(dim=0))
    # Half of the plain ones are black; a shape may miss the image's few pixels.
    assert alike <= (30 if kind is plain else 20 if shape == (1, 4, 4) else 8)


@shapes
def test_a_set_draws_its_kinds(shape: tuple[int, ...]) -> None:
    images = source(shape)
    made = foreign(60, images, rng())
    assert made.shape == (60, *shape)
    assert torch.equal(made, foreign(60, images, rng()))
    assert not torch.equal(made, foreign(60, images, rng(1)))
    is_plain = (made == made[:, :, :1, :1]).flatten(1).all(dim=1)
    assert 1 <= is_plain.sum() <= 30
    assert foreign(0, images, rng()).shape == (0, *shape)


def test_grain_has_every_length_and_contrast() -> None:
    made = some(grain, 300, source())
    step = (made.diff(dim=-1).abs().mean(dim=(1, 2, 3)) / made.std(dim=(1, 2, 3)).clamp(min=1e-6)).sort().values
    assert step[30] < 0.25, "none is smooth"
    assert step[-30] > 0.7, "none is rough"
    contrast = made.std(dim=(1, 2, 3)).sort().values
    assert contrast[30] < 0.1
    assert contrast[-30] > 0.35


def test_blobs_and_figures_are_often_black_and_white() -> None:
    """The kind that real clothes and digits are nearest to: smooth shapes, one bright shade on black."""
    for kind in (blobs, figures):
        made = some(kind, 200, source()).flatten(1)
        two = ((made < 0.02) | (made > 0.98)).float().mean(dim=1)
        assert 0.15 < (two > 0.85).float().mean() < 0.8, kind.__name__
        area = (made > 0.5).float().mean(dim=1)
        assert area.sort().values[20] < 0.1, kind.__name__
        assert area.sort().values[-20] > 0.35, kind.__name__


def test_figures_have_smooth_edges_and_holes() -> None:
    made = some(figures, 200, torch.zeros(3, 1, 28, 28))
    assert len(made.unique()) > 60
    ringed = [
        image
        for image in made[:, 0]
        if image[0].max() == 0 and image[:, 0].max() == 0 and (image.max(dim=1).values > 0.5).sum() > 8
    ]
    assert ringed, "no figure lies inside the image"


def test_signs_are_of_one_ink_and_hold_together() -> None:
    """From every inked pixel each other one is reached."""
    made = some(signs, 100, source())[:, 0]
    inked = (made - made[:, :1, :1]).abs()
    inked = inked > 0.3 * inked.amax(dim=(1, 2), keepdim=True).clamp(min=0.1)
    whole = 0
    for mask in inked.double():
        reached = torch.zeros_like(mask)
        if len(places := mask.nonzero()):
            reached[tuple(places[0])] = 1
        for _ in range(mask.numel()):
            grown = F.max_pool2d(reached[None, None], 3, stride=1, padding=1)[0, 0] * mask
            if torch.equal(grown, reached):
                break
            reached = grown
        whole += torch.equal(reached, mask)
    assert whole >= 90
    assert 0.03 < inked.float().mean() < 0.4


def test_mosaics_are_pieces_of_the_source() -> None:
    levels = torch.arange(24.0)[:, None, None, None] / 24
    images = levels.expand(24, 1, 12, 12).clone()
    made = some(mosaic, 20, images)
    assert set(made.unique().tolist()) <= set(levels.flatten().tolist())
    assert all(len(image.unique()) >= 2 for image in made)


def test_means_lie_between_the_images() -> None:
    images = source()
    made = some(mean, 20, images)
    assert made.std(dim=(1, 2, 3)).max() < images.std(dim=(1, 2, 3)).min()


def test_static_is_uniform() -> None:
    made = some(static, 20, source())
    assert made.mean().item() == pytest.approx(0.5, abs=0.01)
    assert made.var().item() == pytest.approx(1 / 12, abs=0.005)


@pytest.mark.parametrize("kind", [blobs, figures, grain])
def test_colours_differ_where_the_source_has_colours(kind: Make) -> None:
    made = some(kind, 60, source((3, 16, 16)))
    coloured = (made[:, 0] - made[:, 1]).abs().mean(dim=(1, 2)) > 0.02
    assert coloured.sum() >= 10
