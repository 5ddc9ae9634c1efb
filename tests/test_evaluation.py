"""Scores of runs and of images from elsewhere: what is written, what is refused, and what may not matter to them."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ganatomy
from ganatomy import evaluation
from ganatomy.data import Dataset
from ganatomy.data.base import digest_of
from ganatomy.data.digits import Digits
from ganatomy.data.mixtures import Mixtures
from ganatomy.data.reserved import chosen, halves
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation import MEASURES, Evaluation, evaluate_images, evaluate_run
from ganatomy.evaluation.pixels import flat
from ganatomy.evaluation.reference import Reference
from ganatomy.features import Extractor, store
from ganatomy.features.principal import Principal
from ganatomy.metrics import frechet, kernel, novelty, prdc
from ganatomy.runs.folder import RunFolder

N = 120
OF_IMAGES = {"fid", "kid", "precision", "recall", "density", "coverage", "near_copies"}
OF_CLASSES = {"classes_found", "class_kl", "classifier_score"}
OF_MIXTURES = {"modes_found", "high_quality", "reverse_kl"}
TINY = ["train.updates=5", "train.batch=16"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for what a module's fixtures make, with a cache of its own: those of the single tests come later."""
    folder = tmp_path_factory.mktemp("evaluation")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def trained(place: Path) -> Path:
    """A run on digits that no test changes."""
    return ganatomy.train("gan", "data=digits", *TINY, f"out={place / 'digits'}").path


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> ganatomy.Run:
    """A copy of it that a test may write to."""
    return ganatomy.load(shutil.copytree(trained, tmp_path / "run"))


@pytest.fixture(scope="module")
def scored(trained: Path, place: Path) -> Evaluation:
    """Its scores, which have left a metrics.json in a copy of their own."""
    return evaluate_run(ganatomy.load(shutil.copytree(trained, place / "scored")), N, "principal")


def values(found: Evaluation) -> dict[str, Any]:
    """All of an evaluation but the clock and the names of places."""
    return {name: value for name, value in found.tree.items() if name not in ("seconds", "subject")}


def cache() -> list[Path]:
    return sorted(file for file in Path("cache").rglob("*") if file.is_file())


@pytest.fixture
def nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals must come before anything that takes time: no extractor is made, no reference, no samples."""

    def heavy(*_: object, **__: object) -> None:
        raise AssertionError("an extractor was made before the refusal")

    monkeypatch.setattr(store, "_MAKERS", dict.fromkeys(store.NAMES, heavy))


# ---- a run's scores


def test_metrics_json_is_the_returned_tree(place: Path, scored: Evaluation) -> None:
    written = json.loads((place / "scored" / "metrics.json").read_text())
    assert written == scored.tree
    assert (written["n"], written["data"]) == (N, "digits")
    assert written["extractor"] == {"name": "principal", "digest": _principal().digest}
    assert re.fullmatch("[0-9a-f]{64}", written["reference"])
    assert written["metrics"].keys() == OF_IMAGES
    assert all(each.keys() == {"value", "low", "high", "floor"} for each in written["metrics"].values())
    assert written["subject"] == {"run": str(place / "scored"), "update": 5, "weights": "last", "seed": 0}
    assert written["missing_classes"] is None
    assert written["seconds"] > 0
    assert Evaluation.of_tree(written) == scored


def test_metrics_are_in_the_order_of_the_table(scored: Evaluation) -> None:
    assert list(scored.metrics) == [name for name in MEASURES if name in OF_IMAGES]


def _principal() -> Principal:
    dataset = Digits().load()
    return Principal(dataset.images, dataset.digest)


def test_values_are_those_of_the_metrics_themselves(trained: Path, scored: Evaluation) -> None:
    dataset, extractor = Digits().load(), _principal()
    real, _ = halves(Digits(), dataset, N)
    made = ganatomy.load(trained).sample(N)
    reals, fakes = extractor.features(real.images), extractor.features(made)
    expected = prdc.prdc(reals, fakes)
    assert scored.metrics["fid"].value == pytest.approx(frechet.frechet_distance(reals, fakes), rel=1e-6)
    assert scored.metrics["kid"].value == pytest.approx(kernel.kernel_distance(reals, fakes), rel=1e-6)
    for name in ("precision", "recall", "density", "coverage"):
        assert scored.metrics[name].value == pytest.approx(getattr(expected, name))


def test_floors_are_the_scores_of_held_out_reals(scored: Evaluation) -> None:
    dataset, extractor = Digits().load(), _principal()
    real, held_out = halves(Digits(), dataset, N)
    assert not {image.tobytes() for image in real.images} & {image.tobytes() for image in held_out.images}
    reals, others = extractor.features(real.images), extractor.features(held_out.images)
    expected = prdc.prdc(reals, others)
    assert scored.metrics["fid"].floor == pytest.approx(frechet.frechet_distance(reals, others), rel=1e-6)
    assert scored.metrics["kid"].floor == pytest.approx(kernel.kernel_distance(reals, others), rel=1e-5, abs=1e-6)
    for name in ("precision", "recall", "density", "coverage"):
        assert scored.metrics[name].floor == pytest.approx(getattr(expected, name))


def test_intervals_hold_their_values(scored: Evaluation) -> None:
    for name, found in scored.metrics.items():
        assert found.low <= found.value <= found.high, name
    fid = scored.metrics["fid"]
    assert fid.low < fid.value < fid.high


def test_the_noise_is_the_runs_own_or_that_of_the_seed(run: ganatomy.Run, scored: Evaluation) -> None:
    again = evaluate_run(run, N, "principal", ["fid"])
    assert again.metrics["fid"].value == scored.metrics["fid"].value
    other = evaluate_run(run, N, "principal", ["fid"], seed=9)
    assert other.subject["seed"] == 9
    assert other.metrics["fid"].value != scored.metrics["fid"].value
    assert other.metrics["fid"].floor == scored.metrics["fid"].floor
    assert other.reference == scored.reference


def test_the_same_call_gives_the_same_numbers_with_a_cold_and_a_warm_cache(
    run: ganatomy.Run, scored: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache() == []
    cold = evaluate_run(run, N, "principal")
    (kept,) = cache()

    seen: list[int] = []
    whole = Principal.features

    def features(self: Principal, images: np.ndarray) -> np.ndarray:
        seen.append(len(images))
        return whole(self, images)

    monkeypatch.setattr(Principal, "features", features)
    warm = evaluate_run(run, N, "principal")
    assert cache() == [kept]
    assert seen == [N], "of the generated images alone: reals and floors came from the cache"
    assert values(cold) == values(warm) == values(scored)


def test_a_metric_asked_for_later_adds_its_floor_to_the_cache(run: ganatomy.Run, scored: Evaluation) -> None:
    for names in (["fid"], ["precision", "fid"], ["near_copies", "fid"]):
        found = evaluate_run(run, N, "principal", names)
        assert found.metrics == {name: scored.metrics[name] for name in MEASURES if name in names}


@pytest.mark.parametrize("damage", ["cut", "text", "flipped", "empty"])
def test_a_damaged_cache_is_computed_again(
    damage: str, run: ganatomy.Run, scored: Evaluation, caplog: pytest.LogCaptureFixture
) -> None:
    evaluate_run(run, N, "principal", ["fid"])
    (file,) = cache()
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2
    whole[middle] ^= 255
    damaged = {"cut": whole[:middle], "text": b"not an archive", "flipped": whole, "empty": b""}[damage]
    file.write_bytes(damaged)
    again = evaluate_run(run, N, "principal")
    assert f"{file.name} is damaged" in caplog.text
    assert values(again) == values(scored)
    caplog.clear()
    assert values(evaluate_run(run, N, "principal")) == values(scored)
    assert "damaged" not in caplog.text, "and was written anew"


def test_a_cache_that_cannot_be_written_costs_only_time(
    run: ganatomy.Run, scored: Evaluation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Path("file").write_text("a regular file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("file").resolve()))
    assert values(evaluate_run(run, N, "principal")) == values(scored)
    assert "cannot be written" in caplog.text
    assert Path("file").read_text() == "a regular file"


def test_nothing_else_is_touched(run: ganatomy.Run) -> None:
    before = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    torch.manual_seed(1)
    np.random.seed(1)
    states = torch.get_rng_state(), np.random.get_state()
    evaluate_run(run, N, "principal")
    assert torch.equal(torch.get_rng_state(), states[0])
    np.testing.assert_equal(np.random.get_state(), states[1])
    after = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    assert after.keys() - before.keys() == {run.path / "metrics.json"}
    assert {file: after[file] for file in before} == before


# ---- how many


def test_more_than_the_data_has_is_cut_with_a_note(run: ganatomy.Run) -> None:
    found = evaluate_run(run, 5000, "principal", ["precision"])
    assert found.n == 1797 // 2
    (note,) = found.notes
    assert "898" in note
    assert "5000" in note
    as_many = evaluate_run(run, None, "principal", ["precision"])
    assert (as_many.n, as_many.notes) == (898, [])
    assert as_many.metrics == found.metrics


def test_fid_of_too_few_images_is_refused_by_name_else_left_out(run: ganatomy.Run) -> None:
    with pytest.raises(UsageError, match=r"FID .* 40 images .* leave fid out of --metrics") as refused:
        evaluate_run(run, 40, "principal", ["fid", "kid"])
    assert refused.value.exit_code == 2
    assert not (run.path / "metrics.json").exists()
    without = evaluate_run(run, 40, "principal")
    assert without.metrics.keys() == OF_IMAGES - {"fid"}
    assert any(note.startswith("fid is left out. FID is not reliable: 40 images") for note in without.notes)
    found = evaluate_run(run, 40, "principal", ["kid", "precision", "coverage"])
    assert (list(found.metrics), found.notes) == (["kid", "precision", "coverage"], [])


def test_fid_of_few_images_has_a_note(run: ganatomy.Run, scored: Evaluation) -> None:
    assert any("FID is biased" in note for note in scored.notes)
    assert evaluate_run(run, N, "principal", ["kid"]).notes == []


# ---- refusals


@pytest.mark.usefixtures("nothing_heavy")
@pytest.mark.parametrize(
    ("features", "metrics", "words"),
    [
        (None, ["fdi"], r"unknown metric 'fdi': did you mean 'fid'"),
        (None, ["fid", "sharpness"], r"unknown metric 'sharpness'.*coverage"),
        ("principle", None, r"unknown features 'principle': did you mean 'principal'"),
        ("identity", None, r"features=identity is for points"),
    ],
)
def test_wrong_names_are_refused_before_anything_heavy(
    features: str | None, metrics: list[str] | None, words: str, run: ganatomy.Run
) -> None:
    np.savez("set.npz", images=Digits().load().images[:N])
    for refused in (
        lambda: evaluate_run(run, N, features, metrics),
        lambda: evaluate_images(Path("set.npz"), Digits(), N, features, metrics),
    ):
        with pytest.raises(UsageError, match=words):
            refused()
    assert cache() == []
    assert not (run.path / "metrics.json").exists()


@pytest.mark.parametrize("name", sorted(OF_MIXTURES | OF_CLASSES))
def test_metrics_that_the_data_cannot_have_are_refused(name: str, run: ganatomy.Run) -> None:
    with pytest.raises(UsageError, match=f"metric {name} .*leave it out"):
        evaluate_run(run, N, "principal", ["precision", name])
    assert not (run.path / "metrics.json").exists()


@pytest.mark.usefixtures("nothing_heavy")
def test_metrics_for_other_data_are_refused_before_an_extractor_is_made(run: ganatomy.Run) -> None:
    with pytest.raises(UsageError, match="modes_found is for 2-D mixtures"):
        evaluate_run(run, N, None, ["modes_found"])


@pytest.mark.parametrize("n", [0, 1, -5])
def test_numbers_of_images_that_cannot_be_are_refused(n: int, run: ganatomy.Run) -> None:
    np.savez("set.npz", images=Digits().load().images[:N])
    with pytest.raises(UsageError):
        evaluate_run(run, n, "principal", ["near_copies"])
    with pytest.raises(UsageError):
        evaluate_images(Path("set.npz"), Digits(), n, "principal", ["near_copies"])


def test_a_run_on_other_data_is_refused(run: ganatomy.Run) -> None:
    config = run.path / "config.toml"
    digest = Digits().load().digest
    config.write_text(config.read_text().replace(digest, "0" * 64))
    with pytest.raises(GanatomyError, match=f"{'0' * 12}, and digits has {digest[:12]}"):
        evaluate_run(ganatomy.load(run.path), N, "principal")
    assert not (run.path / "metrics.json").exists()


def test_a_damaged_checkpoint_is_refused(run: ganatomy.Run) -> None:
    for file in run.path.glob("checkpoints/*/generator.safetensors"):
        file.write_bytes(b"")
    with pytest.raises(GanatomyError, match="no readable checkpoint"):
        evaluate_run(run, N, "principal")


# ---- points in the plane


class Perfect(ganatomy.Run):
    """A run whose generator gives the data's own held-out points."""

    def sample(self, count: int, seed: int | None = None) -> np.ndarray:
        held_out = self.config.data.held_out()
        assert held_out is not None
        return held_out.images[:count]


@pytest.mark.parametrize(("mixture", "modes"), [("ring", 8), ("grid", 25)])
def test_a_perfect_sampler_of_a_mixture(mixture: str, modes: int) -> None:
    settings = ["data=mixtures", f"data.mixture={mixture}", "train.updates=2", "train.batch=64"]
    trained = ganatomy.train("gan", *settings, "out=run")
    found = evaluate_run(Perfect(trained.path))
    assert (found.n, found.extractor["name"], found.missing_classes) == (2500, "identity", None)
    assert found.metrics.keys() == OF_IMAGES - {"near_copies"} | OF_MIXTURES
    assert found.metrics["modes_found"].value == found.metrics["modes_found"].floor == modes
    assert found.metrics["high_quality"].value == pytest.approx(0.9889, abs=0.01)
    assert found.metrics["high_quality"].floor == pytest.approx(0.9889, abs=0.01)
    assert found.metrics["reverse_kl"].value < 0.02
    assert found.metrics["precision"].value > 0.9

    untrained = evaluate_run(trained, 500)
    assert untrained.metrics["modes_found"].value < modes
    assert untrained.metrics["high_quality"].value < 0.95
    assert untrained.metrics["fid"].value > 100 * untrained.metrics["fid"].floor


def test_points_have_no_near_copies() -> None:
    np.savez("points.npz", images=Mixtures(count=200).load().images[:100])
    with pytest.raises(UsageError, match="near_copies is for images"):
        evaluate_images(Path("points.npz"), Mixtures(count=200), metrics=["near_copies"])


# ---- images from elsewhere


def saved(name: str, images: np.ndarray) -> Path:
    np.savez(name, images=images)
    return Path(name)


def held_out_digits(n: int) -> np.ndarray:
    return halves(Digits(), Digits().load(), n)[1].images


def test_real_images_score_at_the_floor() -> None:
    path = saved("real.npz", held_out_digits(400))
    found = evaluate_images(path, Digits(), features="principal")
    assert (found.subject, found.n) == ({"samples": "real.npz"}, 400)
    # These held-out digits are training images too, and are found to be; the floor leaves them out of the training set.
    assert found.metrics.pop("near_copies").value == 1
    for name, scored in found.metrics.items():
        assert scored.value == pytest.approx(scored.floor), name
    assert found.metrics["precision"].value >= 0.85
    assert found.metrics["coverage"].value >= 0.85


def test_noise_scores_far_from_the_floor() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (N, 28, 28, 1), dtype=np.uint8)
    found = evaluate_images(saved("noise.npz", noise), Digits(), features="principal")
    assert found.metrics["precision"].value == 0
    assert found.metrics["coverage"].value == 0
    assert found.metrics["near_copies"].value == 0
    assert found.metrics["fid"].value > 100 * found.metrics["fid"].floor


def test_a_run_and_its_saved_samples_score_the_same(run: ganatomy.Run, scored: Evaluation) -> None:
    found = evaluate_images(saved("samples.npz", run.sample(N)), Digits(), features="principal")
    assert found.metrics == scored.metrics
    assert found.reference == scored.reference


def test_floats_and_bytes_of_the_same_images_score_the_same() -> None:
    images = held_out_digits(N)
    whole = evaluate_images(saved("whole.npz", images), Digits(), features="principal")
    unit = evaluate_images(saved("unit.npz", (images / 255).astype(np.float32)), Digits(), features="principal")
    assert unit.metrics == whole.metrics
    (note,) = [note for note in unit.notes if note not in whole.notes]
    assert "[0, 1]" in note
    assert "float32" in note


def test_more_images_than_n_are_spread_evenly_over_the_set() -> None:
    dataset = Digits().load()
    by_class = dataset.images[np.argsort(dataset.labels, kind="stable")]
    found = evaluate_images(saved("all.npz", by_class), Digits(), N, "principal")
    assert (found.n, len(by_class)) == (N, 1797)
    assert any("120 of its 1797 images" in note for note in found.notes)
    spread = by_class[np.linspace(0, 1796, N).round().astype(int)]
    assert found.metrics == evaluate_images(saved("spread.npz", spread), Digits(), N, "principal").metrics
    assert (
        found.metrics["recall"].value
        > evaluate_images(saved("first.npz", by_class[:N]), Digits(), N, "principal").metrics["recall"].value + 0.3
    )


def test_without_n_all_images_of_the_set_count_as_far_as_the_data_goes() -> None:
    images = Digits().load().images
    found = evaluate_images(saved("all.npz", images[:1000]), Digits(), None, "principal", ["precision"])
    assert found.n == 898
    assert any("898, not 1000" in note for note in found.notes)
    assert any("898 of its 1000 images" in note for note in found.notes)


def test_more_than_the_set_has_is_refused() -> None:
    path = saved("few.npz", held_out_digits(60))
    with pytest.raises(UsageError, match=r"few\.npz has 60 images, fewer than the 61"):
        evaluate_images(path, Digits(), 61, "principal")


@pytest.mark.usefixtures("nothing_heavy")
def test_more_than_the_set_has_is_refused_before_an_extractor_is_made() -> None:
    path = saved("few.npz", held_out_digits(60))
    with pytest.raises(UsageError, match="fewer than the 61"):
        evaluate_images(path, Digits(), 61)


def test_a_missing_set_is_refused() -> None:
    with pytest.raises(GanatomyError, match="no such file"):
        evaluate_images(Path("nowhere.npz"), Digits(), features="principal")


# ---- near-copies


@dataclass(frozen=True, kw_only=True)
class Parted(Digits):
    """Digits with held-out images of their own: every third."""

    name = "parted"

    def load(self) -> Dataset:
        whole = super().load()
        return chosen(whole, np.flatnonzero(np.arange(len(whole)) % 3))

    def held_out(self) -> Dataset:
        whole = super().load()
        return chosen(whole, np.arange(0, len(whole), 3))


def test_training_images_are_copies_and_held_out_ones_are_not() -> None:
    training, other = Parted().load(), Parted().held_out()
    copied = evaluate_images(saved("training.npz", training.images[-N:]), Parted(), N, "principal", ["near_copies"])
    assert copied.metrics["near_copies"].value == copied.metrics["near_copies"].low == 1
    new = evaluate_images(saved("new.npz", other.images), Parted(), N, "principal", ["near_copies"])
    assert new.metrics["near_copies"].value < 0.2
    assert new.metrics["near_copies"].floor < 0.2
    near = novelty.near_copies(*novelty.nearest_two(flat(other.images), flat(training.images)))
    assert near.mean() < 0.2


def test_the_floor_of_near_copies_is_of_images_that_nothing_was_trained_on() -> None:
    """Digits have no held-out images of their own; the half scored for the floor is no copy of the other half."""
    found = evaluate_images(saved("set.npz", held_out_digits(N)), Digits(), N, "principal", ["near_copies"])
    assert found.metrics["near_copies"].floor < 0.2


@pytest.mark.parametrize(("shape", "expected"), [((28, 28, 1), 196), ((16, 16, 3), 768), ((65, 40, 1), 13 * 8)])
def test_pixels_are_those_of_at_most_16_by_16(shape: tuple[int, int, int], expected: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (1001, *shape), dtype=np.uint8)
    rows = flat(images)
    assert (rows.shape, rows.dtype) == ((1001, expected), np.uint8)
    step = -(-max(shape[:2]) // 16)
    last = images[1000, :step, :step, 0].mean()
    assert abs(rows[1000, 0] - last) <= 0.5


# ---- classes


class Told(Extractor):
    """Knows the classes of digits by heart: the images' own labels, as a perfect classifier would tell them."""

    name = "principal"
    digest = hashlib.sha256(b"told").hexdigest()
    classes = tuple("0123456789")

    def __init__(self, *_: object) -> None:
        dataset = Digits().load()
        assert dataset.labels is not None
        self._known = {image.tobytes(): label for image, label in zip(dataset.images, dataset.labels, strict=True)}

    def features(self, images: np.ndarray) -> np.ndarray:
        return self.features_and_classes(images)[0]

    def features_and_classes(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        labels = [self._known[image.tobytes()] for image in images]
        return images.reshape(len(images), -1)[:, ::40].astype(np.float64), np.eye(10)[labels]


def of_classes(*labels: int) -> np.ndarray:
    dataset = Digits().load()
    return dataset.images[np.isin(dataset.labels, labels)]


def test_classes_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(store._MAKERS, "principal", Told)
    found = evaluate_images(saved("some.npz", of_classes(0, 1, 2, 5, 8)), Digits(), 200, "principal")
    assert found.missing_classes == ["3", "4", "6", "7", "9"]
    assert found.metrics.keys() == OF_IMAGES | OF_CLASSES
    assert found.metrics["classes_found"].value == 5
    assert found.metrics["classes_found"].floor == 10
    assert found.metrics["classifier_score"].value == pytest.approx(5, rel=0.02)
    assert found.metrics["class_kl"].value == pytest.approx(np.log(2), abs=0.05)
    assert found.metrics["class_kl"].floor == pytest.approx(9 / (2 * 200), rel=0.1)

    every = evaluate_images(saved("every.npz", Digits().load().images), Digits(), 200, "principal", ["classes_found"])
    assert (every.missing_classes, every.metrics["classes_found"].value) == ([], 10)


def test_labels_under_other_names_than_the_extractors_give_no_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Told, "classes", tuple("abcdefghij"))
    monkeypatch.setitem(store._MAKERS, "principal", Told)
    found = evaluate_images(saved("set.npz", of_classes(0, 1)), Digits(), 100, "principal")
    assert found.missing_classes is None
    assert not found.metrics.keys() & OF_CLASSES


@pytest.fixture
def shipped() -> None:
    """Without the shipped features the default would be trained for minutes."""
    if store.shipped_card("digits", "graded") is None:
        pytest.fail("features/weights has no digits-graded: the package must ship the features of its offline data")


@pytest.mark.usefixtures("shipped")
def test_the_shipped_features_of_digits_name_the_missing_classes() -> None:
    found = evaluate_images(saved("some.npz", of_classes(0, 1, 2, 5, 8)), Digits())
    assert found.extractor["name"] == "graded"
    assert found.missing_classes == ["3", "4", "6", "7", "9"]
    assert found.metrics["classes_found"].floor == 10
    assert found.metrics["precision"].value >= 0.85
    assert found.metrics["coverage"].value < 0.85


@pytest.mark.usefixtures("shipped")
def test_the_shipped_features_of_digits_are_the_default(run: ganatomy.Run) -> None:
    found = evaluate_run(run, 200)
    assert found.extractor["name"] == "graded"
    assert found.metrics.keys() == OF_IMAGES | OF_CLASSES
    assert found.metrics["precision"].value < 0.1
    assert found.metrics["precision"].floor >= 0.8
    for name, scored in found.metrics.items():
        assert scored.low <= scored.value <= scored.high, name
    assert [file.parent.name for file in cache()] == ["references"], "nothing was trained"


# ---- the reference


def test_the_references_digest_is_of_all_that_it_depends_on() -> None:
    dataset = Digits().load()
    extractor = _principal()
    base = Reference(Digits(), dataset, extractor, 60).digest
    assert Reference(Digits(), dataset, _principal(), 60).digest == base
    changed = dataset.images.copy()
    changed[0, 0, 0, 0] ^= 1
    other = Dataset(changed, dataset.labels, dataset.classes, digest_of(changed))
    told = Told()
    assert (
        len(
            {
                base,
                Reference(Digits(), dataset, extractor, 61).digest,
                Reference(Digits(), other, extractor, 60).digest,
                Reference(Digits(), dataset, told, 60).digest,
                Reference(Parted(), Parted().load(), extractor, 60).digest,
            }
        )
        == 5
    )


def test_what_the_package_gives() -> None:
    assert set(evaluation.__all__) == {"MEASURES", "Evaluation", "evaluate_images", "evaluate_run"}
    assert MEASURES.keys() == OF_IMAGES | OF_CLASSES | OF_MIXTURES
    assert RunFolder(Path("run")).metrics == Path("run/metrics.json")


def test_progress_is_no_warning(run: ganatomy.Run, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        evaluate_run(run, N, "principal")
    assert caplog.records == []


@pytest.mark.parametrize("n", [10, 14, 30, 60])
@pytest.mark.parametrize("real", [True, False])
def test_no_score_of_few_images_has_an_interval_beyond_what_it_can_be(n: int, real: bool) -> None:
    """Recall of 1.05 and 12 classes of 10 were seen."""
    source = Digits()
    held_out = source.load().images[::7][:n]
    images = held_out if real else np.random.default_rng(n).integers(0, 256, held_out.shape, dtype=np.uint8)
    scores = ganatomy.evaluate_images(images, "digits").metrics
    assert len(scores) >= 9
    for name, score in scores.items():
        most = {"classes": 10, "modes": np.inf}.get(MEASURES[name].most, MEASURES[name].most)  # type: ignore[call-overload]
        assert MEASURES[name].least <= score.low <= score.value <= score.high <= most, name
    assert scores["recall"].high <= 1
    assert scores["classes_found"].high <= 10
    assert scores["class_kl"].low >= 0
