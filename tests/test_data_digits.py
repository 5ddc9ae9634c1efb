from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from ganatomy.data.digits import HEIGHT, WIDTH, Digits, _area, _cubic, _load, redraw


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return Digits().load().images[..., 0]


@pytest.fixture(scope="module")
def frame(images: np.ndarray) -> np.ndarray:
    """The part of the images that the digit is drawn in."""
    top, left = (28 - HEIGHT) // 2, (28 - WIDTH) // 2
    return images[:, top : top + HEIGHT, left : left + WIDTH]


def test_all_digits_with_their_labels():
    dataset = Digits().load()
    assert dataset.images.shape == (1797, 28, 28, 1)
    assert np.array_equal(dataset.labels, load_digits().target)
    assert dataset.classes == tuple("0123456789")


def test_the_bytes_are_the_same_everywhere():
    # Runs are resumed, and figures compared, on other machines: a change here is a change of the data set.
    assert Digits().load().digest == "da200cc0a46fe5d32cc89571d135bff810a4c50a1b5dcabf0d32457ef79ece5d"


def test_counted_again_in_8x8_cells_it_is_the_original(frame: np.ndarray):
    originals = load_digits().images
    counted = _area(HEIGHT, 8) @ (frame / 255) @ _area(WIDTH, 8).T
    each = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(counted, originals, strict=True)]
    assert np.mean(each) > 0.97
    assert min(each) > 0.9


def test_white_strokes_on_black_within_a_black_border(images: np.ndarray, frame: np.ndarray):
    assert images.sum() == frame.sum(dtype=int)
    assert (images == 0).mean() > 0.6
    assert np.median(images.max(axis=(1, 2))) == 255
    assert images.max(axis=(1, 2)).min() > 230
    # Crisp: of what is drawn, most is ink or paper, little is between. (A bicubic enlargement has 63 % between.)
    drawn = frame[frame > 0]
    assert ((drawn > 64) & (drawn < 192)).mean() < 0.3


def test_thin_strokes_are_kept():
    # A line of two bitmap pixels between two columns of cells fills a quarter of each: a threshold alone loses it.
    bitmap = np.zeros((1, 32, 32))
    bitmap[0, 4:28, 7:9] = 1
    cells = bitmap.reshape(1, 8, 4, 8, 4).mean(axis=(2, 4))
    assert cells.max() == 0.25
    enlarged = _cubic(8, 32) @ cells @ _cubic(8, 32).T
    assert enlarged.max() < 0.4
    assert redraw(cells)[0, 8:20].max(axis=1).min() > 50


def test_a_classifier_learns_them_as_well_as_the_originals(images: np.ndarray):
    # Shuffled, for the bundle's last fifth was written by other people.
    order = np.random.default_rng(0).permutation(len(images))
    learn, ask = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]
    originals = load_digits()
    scores = [
        SVC().fit(flat[learn], originals.target[learn]).score(flat[ask], originals.target[ask])
        for flat in (images.reshape(len(images), -1) / 255, originals.data / 16)
    ]
    assert scores[0] >= 0.97
    assert scores[0] >= scores[1] - 0.01


def test_it_is_quick():
    Digits().load()  # scikit-learn's own import is not counted
    _load.cache_clear()
    started = time.process_time()
    Digits().load()
    assert time.process_time() - started < 3  # 0.5 s on an idle core; room for a busy one
