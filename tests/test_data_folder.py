"""The user's own folder: what is found, what is refused, and the cache between."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from data_contract_sources import picture
from ganatomy.data import image_cache
from ganatomy.data.folder import Folder
from ganatomy.errors import GanatomyError, UsageError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ganatomy" / "folders"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are really decoded."""
    names: list[str] = []
    real = image_cache.decode

    def watched(path: Path, size: int, channels: int) -> tuple[np.ndarray, bool]:
        names.append(path.name)
        return real(path, size, channels)

    monkeypatch.setattr(image_cache, "decode", watched)
    return names


def fails(source: Folder) -> str:
    with pytest.raises(GanatomyError) as caught:
        source.load()
    assert caught.value.exit_code == 1
    return str(caught.value)


def plain(path: Path, grey: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (9, 9), grey).save(path)
    return path


def test_sub_folders_are_classes_in_the_order_of_names(root: Path):
    for i, name in enumerate(["cats/10.png", "cats/2.JPG", "ants/deep/er/1.webp", "bees/x.jpeg"]):
        picture(root / name, seed=i)
    dataset = Folder(path=root).load()
    assert dataset.classes == ("ants", "bees", "cats")
    assert dataset.labels.tolist() == [0, 1, 2, 2]
    assert dataset.images.shape == (4, 28, 28, 3)
    assert isinstance(dataset.images, np.memmap)


def test_images_come_in_the_order_of_names(root: Path):
    for name, grey in {"b.png": 20, "a/z.png": 10, "c/0.png": 30, "B.png": 5}.items():
        plain(root / name, grey)
    dataset = Folder(path=root, size=4).load()
    assert dataset.images[:, 0, 0, 0].tolist() == [5, 10, 20, 30]


def test_without_sub_folders_there_are_no_labels(root: Path):
    plain(root / "a.png", 1)
    dataset = Folder(path=root).load()
    assert dataset.labels is None
    assert dataset.classes == ()


def test_images_beside_the_sub_folders_take_the_labels_away_and_it_is_told(root: Path, caplog):
    plain(root / "a.png", 1)
    plain(root / "class" / "b.png", 2)
    dataset = Folder(path=root).load()
    assert (len(dataset), dataset.labels, dataset.classes) == (2, None, ())
    assert "1 images are not in a sub-folder" in caplog.text


def test_hidden_files_and_other_endings_are_ignored(root: Path):
    plain(root / "a.png", 1)
    for name in (".hidden.png", "._a.png", ".git/x.png", "sub/.cache/y.png"):
        plain(root / name, 2)
    (root / "notes.txt").write_text("x")
    assert len(Folder(path=root).load()) == 1


def test_links_are_followed_and_circles_end(root: Path, tmp_path: Path):
    plain(tmp_path / "elsewhere" / "a.png", 1)
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(root)
    dataset = Folder(path=root).load()
    assert (len(dataset), dataset.classes) == (1, ("link",))


@pytest.mark.parametrize(("modes", "channels"), [(["L", "LA"], 1), (["L", "RGB"], 3), (["RGBA"], 3)])
def test_channels_follow_the_files_unless_set(modes: list[str], channels: int, root: Path):
    for i, mode in enumerate(modes):
        picture(root / f"{i}.png", mode=mode, seed=i)
    assert Folder(path=root).load().shape == (28, 28, channels)
    for chosen in (1, 3):
        assert Folder(path=root, channels=chosen, size=8).load().shape == (8, 8, chosen)


def test_settings_may_come_as_text_and_their_ranges_hold(root: Path):
    adapter = TypeAdapter(Folder)
    given = {"path": str(root), "size": "32", "channels": "3", "skip_bad": "true"}
    assert adapter.validate_python(given) == Folder(path=root, size=32, channels=3, skip_bad=True)
    for wrong in ({"size": 3}, {"size": 1025}, {"channels": 2}, {"channels": "4"}, {"channels": "grey"}):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


def test_no_path_is_wrong_usage():
    with pytest.raises(UsageError, match=r"data\.path"):
        Folder().load()
    assert not Folder().present()
    assert "data.path" in Folder().location()


def test_a_missing_folder_a_file_and_an_empty_folder(root: Path, tmp_path: Path):
    assert "does not exist" in fails(Folder(path=root))
    assert "is a file" in fails(Folder(path=plain(tmp_path / "a.png", 1)))
    root.mkdir()
    assert "found 0 other files" in fails(Folder(path=root))
    (root / "a.xcf").write_text("x")
    text = fails(Folder(path=root))
    assert "found 1 other file\n" in text
    assert ".png" in text
    assert str(root) in text
    assert not Folder(path=tmp_path / "nowhere").present()


def corrupt(root: Path) -> None:
    """Three good files, three bad ones."""
    for i in range(3):
        plain(root / f"good{i}.png", 10 * i)
    (root / "empty.png").write_bytes(b"")
    (root / "text.jpg").write_text("no picture at all")
    cut = plain(root / "cut.png", 7)
    cut.write_bytes(cut.read_bytes()[:60])


def test_all_bad_files_are_listed_together_each_with_its_reason(root: Path):
    corrupt(root)
    for _ in range(2):  # the second time from the cache's side: it must not be taken for a good one
        lines = fails(Folder(path=root)).splitlines()
        assert lines[0] == f"3 of 6 images in {root} cannot be used:"
        assert [line.strip().split(": ")[0] for line in lines[1:4]] == ["cut.png", "empty.png", "text.jpg"]
        assert "damaged" in lines[1]
        assert "0 bytes" in lines[2]
        assert "not a PNG" in lines[3]
        assert "data.skip_bad=true" in lines[4]


def test_a_long_list_is_cut(root: Path):
    plain(root / "good.png", 0)
    for i in range(23):
        (root / f"{i:02}.png").write_bytes(b"")
    text = fails(Folder(path=root))
    assert text.count("0 bytes") == 20
    assert "and 3 more" in text


def test_bad_files_can_be_skipped(root: Path, caplog: pytest.LogCaptureFixture):
    corrupt(root / "class")
    plain(root / "other" / "a.png", 99)
    (root / "worst").mkdir()
    (root / "worst" / "empty.png").write_bytes(b"")
    for _ in range(2):
        dataset = Folder(path=root, skip_bad=True, size=4).load()
        assert dataset.images[:, 0, 0, 0].tolist() == [0, 10, 20, 99]
        assert dataset.labels.tolist() == [0, 0, 0, 1]
        assert dataset.classes == ("class", "other")
    assert "went on without 4 of 8 images" in caplog.text
    assert "cannot be used" in fails(Folder(path=root, size=4))


def test_nothing_but_bad_files_is_an_error_even_when_they_may_be_skipped(root: Path):
    root.mkdir()
    (root / "a.png").write_bytes(b"")
    assert "1 of 1 images" in fails(Folder(path=root, skip_bad=True))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights bind only users that are not root")
def test_a_file_whose_rights_are_mended_is_read_though_its_time_is_the_same(root: Path):
    plain(root / "a.png", 1)
    closed = plain(root / "b.png", 2)
    closed.chmod(0)
    assert "b.png" in fails(Folder(path=root))
    closed.chmod(0o600)
    assert len(Folder(path=root).load()) == 2


def test_bad_files_that_turn_good_unseen_are_tried_again(root: Path, monkeypatch: pytest.MonkeyPatch):
    # As with rights corrected by chmod: the file's size and time stay, so the cache's key does.
    plain(root / "a.png", 1)
    hidden = plain(root / "b.png", 2)
    real = image_cache.decode

    def refusing(path: Path, size: int, channels: int) -> tuple[np.ndarray, bool]:
        if path == hidden:
            raise image_cache.BadImageError("damaged: [Errno 13] Permission denied")
        return real(path, size, channels)

    monkeypatch.setattr(image_cache, "decode", refusing)
    assert "Permission denied" in fails(Folder(path=root))
    assert len(Folder(path=root, skip_bad=True).load()) == 1
    monkeypatch.setattr(image_cache, "decode", real)
    assert len(Folder(path=root).load()) == 2


def test_animations_are_told(root: Path, caplog: pytest.LogCaptureFixture):
    root.mkdir()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(root / "a.png", save_all=True, append_images=frames[1:])
    with caplog.at_level(logging.WARNING):
        assert (Folder(path=root).load().images[0, 0, 0] == (255, 0, 0)).all()
    assert "1 animated images" in caplog.text


def test_decoded_once_then_opened(root: Path, decoded: list[str]):
    for i in range(5):
        picture(root / f"{i}.png", seed=i)
    first = Folder(path=root).load()
    assert sorted(decoded) == [f"{i}.png" for i in range(5)]
    second = Folder(path=root).load()
    assert len(decoded) == 5
    assert np.array_equal(first.images, second.images)
    assert first.digest == second.digest


@pytest.mark.parametrize("change", ["size", "channels", "content", "time", "new", "gone", "renamed"])
def test_any_change_is_decoded_anew(change: str, root: Path, decoded: list[str]):
    for i in range(3):
        picture(root / f"{i}.png", seed=i)
    before = Folder(path=root).load()
    seen, options = len(decoded), {}
    match change:
        case "size":
            options = {"size": 32}
        case "channels":
            options = {"channels": 1}
        case "content":
            picture(root / "1.png", seed=9)
        case "time":
            os.utime(root / "1.png", ns=(0, 12345))
        case "new":
            picture(root / "3.png", seed=3)
        case "gone":
            (root / "1.png").unlink()
        case "renamed":
            (root / "0.png").rename(root / "9.png")
    after = Folder(path=root, **options).load()
    assert len(decoded) > seen
    assert (after.digest == before.digest) == (change == "time")


def only(cache: Path) -> Path:
    (entry,) = cache.iterdir()
    return entry


@pytest.mark.parametrize("damage", ["no images", "short", "long", "no record", "broken record", "old record", "empty"])
def test_a_damaged_cache_is_made_again(damage: str, root: Path, cache: Path):
    for i in range(3):
        picture(root / f"{i}.png", seed=i)
    good = Folder(path=root).load()
    digest, pixels = good.digest, good.images.copy()
    del good
    images, record = only(cache) / "images.npy", only(cache) / "dataset.json"
    match damage:
        case "no images":
            images.unlink()
        case "short":
            images.write_bytes(images.read_bytes()[:-1])
        case "long":
            images.write_bytes(images.read_bytes() + b"x")
        case "no record":
            record.unlink()
        case "broken record":
            record.write_text(record.read_text()[:20])
        case "old record":
            record.write_text(json.dumps({"images": 3}))
        case "empty":
            images.write_bytes(b"")
    again = Folder(path=root).load()
    assert again.digest == digest
    assert np.array_equal(again.images, pixels)
    assert sorted(file.name for file in only(cache).iterdir()) == ["dataset.json", "images.npy"]


def test_a_failure_on_the_way_leaves_nothing_in_the_cache(root: Path, cache: Path, monkeypatch):
    for i in range(40):
        plain(root / f"{i:02}.png", i)

    def interrupted(path: Path, size: int, channels: int) -> tuple[np.ndarray, bool]:
        if path.name == "20.png":
            raise KeyboardInterrupt
        return np.zeros((size, size, channels), np.uint8), False

    monkeypatch.setattr(image_cache, "decode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Folder(path=root).load()
    assert list(cache.iterdir()) == []


def test_two_processes_at_once_give_one_good_cache(root: Path, cache: Path):
    for i in range(60):
        picture(root / f"{i}.png", 64, 64, seed=i)
    code = f"""
        from pathlib import Path
        from ganatomy.data.folder import Folder
        dataset = Folder(path=Path({str(root)!r})).load()
        print(dataset.digest, int(dataset.images.sum()))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(answers)) == 1
    assert sorted(file.name for file in only(cache).iterdir()) == ["dataset.json", "images.npy"]


def test_the_loser_of_a_race_takes_the_winners_images(root: Path, cache: Path, monkeypatch):
    for i in range(3):
        picture(root / f"{i}.png", seed=i)
    real, raced = image_cache._publish, []

    def late(making: Path, target: Path, key: str) -> None:
        if not raced:
            raced.append(True)
            Folder(path=root).load()  # the other process is done just before this one
        real(making, target, key)

    monkeypatch.setattr(image_cache, "_publish", late)
    assert len(Folder(path=root).load()) == 3
    assert len(list(cache.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_named(root: Path, tmp_path: Path):
    plain(root / "a.png", 1)
    (tmp_path / "cache").write_text("a file in the way")
    text = fails(Folder(path=root))
    assert str(tmp_path / "cache" / "ganatomy") in text
    assert "XDG_CACHE_HOME" in text


def test_too_little_space_is_told_before_decoding(root: Path, decoded: list[str], monkeypatch):
    plain(root / "a.png", 1)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 100}))
    text = fails(Folder(path=root, size=1024))
    assert "1 MB, 0 MB are free" in text
    assert "XDG_CACHE_HOME" in text
    assert decoded == []


@pytest.mark.skipif(os.name == "nt", reason="limits on the size of a file are a Unix thing")
def test_a_disk_that_fills_up_on_the_way(root: Path, cache: Path):
    for i in range(30):
        plain(root / f"{i}.png", i)
    code = f"""
        import resource, signal
        from pathlib import Path
        from ganatomy.data.folder import Folder
        from ganatomy.errors import GanatomyError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        try:
            Folder(path=Path({str(root)!r}), size=64).load()
        except GanatomyError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert f"cannot write to the cache folder {cache}: File too large" in done.stdout
    assert list(cache.iterdir()) == []


def test_progress_is_told_when_it_takes_long(root: Path, monkeypatch, capsys):
    for i in range(4):
        plain(root / f"{i}.png", i)
    seconds = iter(range(0, 1000, 6))
    monkeypatch.setattr(image_cache.time, "monotonic", lambda: float(next(seconds)))
    list(image_cache._progress(iter("abcd"), 4))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["decoding images: 2 / 4, 12 s left ", "decoding images: 4 / 4, 0 s left "]
