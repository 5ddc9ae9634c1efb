"""Where code from outside comes from, what is said when it is wrong, and that what came with a run folder is not executed."""

from __future__ import annotations

import linecache
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

import ganatomy
from ganatomy.config import recipe
from ganatomy.models import families
from ganatomy.objectives import objectives
from ganatomy.plugin import reference_of
from processes import python

HINGE = (Path(__file__).parent / "outside" / "hinge.py").read_text(encoding="utf-8")
WORDS = ["data=digits", "train.batch=32", "train.updates=2", "train.evaluate_every=0"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- what is wrong with it is said


def faulty(folder: Path, text: str, *words: str) -> str:
    (folder / "mine.py").write_text(text, encoding="utf-8")
    with pytest.raises(ganatomy.UsageError) as caught:
        recipe.load("gan", ["data=digits", "objective=mine.py", *words])
    return str(caught.value)


def test_an_error_of_the_import_names_file_line_and_message(folder: Path) -> None:
    text = faulty(folder, "import torch\n\nimport no_such_package\n")
    assert f"{folder / 'mine.py'}, line 3: ModuleNotFoundError: No module named 'no_such_package'" in text


def test_an_import_of_a_file_next_to_it_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "helper.py").write_text("WEIGHT = 1.0\n", encoding="utf-8")
    text = faulty(folder, f"from helper import WEIGHT\n{HINGE}")
    assert "No module named 'helper'; a run keeps one file of yours" in text
    assert f"PYTHONPATH={folder}" in text
    monkeypatch.syspath_prepend(folder)
    assert recipe.load("gan", ["objective=mine.py"]).objective is not None


def test_a_list_as_default_names_the_tuple(folder: Path) -> None:
    text = faulty(
        folder,
        HINGE.replace(
            "class Hinge(ganatomy.Objective):", "class Hinge(ganatomy.Objective):\n    at: list[float] = [1.0]\n"
        ),
    )
    assert "Hinge.at = [1.0]: settings cannot change, so the default is a tuple" in text


def test_a_syntax_error_names_its_line(folder: Path) -> None:
    assert "mine.py, line 2: SyntaxError" in faulty(folder, "import torch\nclass :\n")


def test_a_missing_method_is_named(folder: Path) -> None:
    text = faulty(folder, HINGE.replace("def generator_loss", "def generators_loss"))
    assert "lacks generator_loss" in text


def test_all_errors_come_at_once(folder: Path) -> None:
    text = faulty(folder, "1 / 0\n", "model.hiden=3", "train.batch=0")
    assert all(
        part in text for part in ("3 settings are wrong", "ZeroDivisionError", "did you mean 'hidden'", "train.batch")
    )


def test_a_file_without_a_leaf_and_one_with_two(folder: Path) -> None:
    assert "no subclass of ganatomy.Objective" in faulty(folder, "x = 1\n")
    assert "mine.py:Hinge" in faulty(folder, f"{HINGE}\n\nclass Other(Hinge):\n    pass\n")


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(ganatomy.UsageError, match="there is no file"):
        recipe.load("gan", ["objective=nowhere.py"])


def test_a_missing_module_and_a_missing_class(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ganatomy.UsageError, match=r"no module nowhere\.losses"):
        recipe.load("gan", ["objective=nowhere.losses:Hinge"])
    (folder / "mylosses.py").write_text(HINGE, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    with pytest.raises(ganatomy.UsageError, match="did you mean 'Hinge'"):
        recipe.load("gan", ["objective=mylosses:Hinje"])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("return critic(batch.real).mean()", r"critic_loss returned Tensor; return the loss's terms by name"),
        ('return {"real": critic(batch.real)}', r"term 'real' is of shape \[32, 1\]; expected a scalar"),
        ('return {"real": critic(batch.real).detach().mean()}', "no term of critic_loss has a gradient"),
        ('return {"real": batch.missing}', r"mine.py, line \d+: AttributeError: .*missing"),
    ],
)
def test_a_loss_that_is_none_is_said_to_be_in_the_first_update(folder: Path, wrong: str, message: str) -> None:
    (folder / "mine.py").write_text(
        "import ganatomy\n\n\nclass Mine(ganatomy.Objective):\n"
        f"    def critic_loss(self, critic, batch):\n        {wrong}\n\n"
        '    def generator_loss(self, critic, batch):\n        return {"fake": -critic(batch.fake).mean()}\n',
        encoding="utf-8",
    )
    with pytest.raises(ganatomy.UsageError, match=message):
        ganatomy.train("gan", *WORDS, "objective=mine.py", out="run")
    assert not Path("run").exists(), "a run that cannot begin leaves a folder"


def test_networks_of_the_wrong_shape_or_range_are_refused_before_training(folder: Path) -> None:
    text = (Path(__file__).parent / "outside" / "two_modules.py").read_text(encoding="utf-8")
    (folder / "flat.py").write_text(
        text.replace("nn.Unflatten(1, (channels, height, width))", "nn.Identity()"), encoding="utf-8"
    )
    with pytest.raises(ganatomy.UsageError, match="expected images N x C x H x W"):
        ganatomy.train("gan", *WORDS, "model=flat.py", out="run")
    (folder / "wide.py").write_text(text.replace("nn.Tanh()", "nn.Softplus(beta=0.1)"), encoding="utf-8")
    with pytest.raises(ganatomy.UsageError, match="class attribute value_range"):
        ganatomy.train("gan", *WORDS, "model=wide.py", out="run")


TWO_MODULES = (Path(__file__).parent / "outside" / "two_modules.py").read_text(encoding="utf-8")
FAMILY = """
import ganatomy
from torch import nn


class Family(ganatomy.Model):
    def generator(self, shape):
        return nn.Linear(self.latent, 2)

    def discriminator(self, shape):
        return nn.Linear(2, 1)
"""
CONDITIONAL = (Path(__file__).parent / "outside" / "class_conditional.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TWO_MODULES.replace("class Discriminator", "class Critic"), "its Discriminator is None"),
        (TWO_MODULES.replace("(self, latent, shape)", "(self, latent, shape, width)"), "constructor asks for width"),
        (TWO_MODULES.replace("nn.Linear(64, 1)", "nn.Linear(64, 3)"), "of 2 images its discriminator makes 2 x 3"),
        (TWO_MODULES.replace("nn.Linear(prod(shape), 64)", "nn.LazyLinear(64)"), "its discriminator has lazy layers"),
        (
            TWO_MODULES.replace("super().__init__(nn.Flatten(), ", "super().__init__("),
            r"its discriminator, called with images 2 x 1 x 28 x 28: .*RuntimeError: mat1",
        ),
        (CONDITIONAL.replace("labels", "classes_"), "neither network's forward names `labels`"),
        (
            FAMILY.replace("return nn.Linear(2, 1)", "return 'no network'"),
            "its discriminator is str; return an nn.Module",
        ),
    ],
)
def test_networks_that_cannot_be_trained_are_named(folder: Path, text: str, message: str) -> None:
    (folder / "networks.py").write_text(text, encoding="utf-8")
    with pytest.raises(ganatomy.UsageError, match=message):
        ganatomy.train("gan", *WORDS, "model=networks.py", out="run")
    assert not Path("run").exists()


def test_a_sigmoid_where_raw_scores_are_due_is_warned_of(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = TWO_MODULES.replace("nn.Linear(64, 1)", "nn.Linear(64, 1), nn.Sigmoid()").replace("nn.Tanh()", "nn.ReLU()")
    (folder / "networks.py").write_text(text, encoding="utf-8")
    ganatomy.train("gan", *WORDS, "model=networks.py", out="run")
    assert "its discriminator ends in a Sigmoid" in caplog.text
    assert "its generator made no value below 0" in caplog.text


# ---- code that came with a run folder


@pytest.fixture
def foreign(folder: Path) -> Path:
    """A run from somewhere else: its objective's file is not here, and the copy inside it tells when it is executed."""
    own = folder / "theirs" / "evil.py"
    own.parent.mkdir()
    own.write_text(f"from pathlib import Path\nPath('executed').touch()\n{HINGE}", encoding="utf-8")
    ganatomy.train("gan", *WORDS, f"objective={own}", out="run")
    own.unlink()
    (folder / "executed").unlink()
    return folder / "run"


@pytest.mark.parametrize(
    "words",
    [
        ["resume", "run", "train.updates=3"],
        ["sample", "run", "--out", "x.npz"],
        ["evaluate", "run", "-n", "100"],
        ["compare", "run"],
        ["report", "run"],
    ],
    ids=lambda words: words[0],
)
def test_it_is_executed_only_if_trusted(foreign: Path, words: list[str]) -> None:
    refused = python("-m", "ganatomy", *words)
    assert refused.code == 1, refused.err
    assert "--trust-code" in refused.err
    assert "Traceback" not in refused.err
    assert not Path("executed").exists()
    trusted = python("-m", "ganatomy", *words, "--trust-code")
    assert trusted.code == 0, trusted.err
    assert Path("executed").exists()


@pytest.mark.parametrize("kind", ["by its path", "by a relative path", "as a module", "without [code]", "as a recipe"])
def test_no_name_in_its_settings_leads_into_the_folder(
    foreign: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = foreign / "config.toml"
    text = config.read_text(encoding="utf-8")
    copy = foreign / "code" / "objective" / "evil.py"
    old = str(foreign.parent / "theirs" / "evil.py")
    assert copy.is_file()
    name = {
        "by its path": str(copy),
        "by a relative path": "run/code/objective/evil.py",
        "as a module": "run.code.objective.evil:Hinge",
        "without [code]": old,
        "as a recipe": "code/objective/evil.py",
    }[kind]
    if kind == "without [code]":
        shutil.copy(copy, old)
        text = text[: text.index("[code.objective]")]
    monkeypatch.syspath_prepend(foreign.parent)
    config.write_text(text.replace(old, name), encoding="utf-8")
    read = recipe.load if kind == "as a recipe" else lambda place: ganatomy.load(Path(place).parent).config
    with pytest.raises(ganatomy.GanatomyError):
        read(str(config))
    assert not Path("executed").exists()


def test_a_copy_that_was_changed_is_not_executed_though_trusted(foreign: Path) -> None:
    copy = foreign / "code" / "objective" / "evil.py"
    copy.write_text(copy.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with pytest.raises(ganatomy.GanatomyError, match="is not what"):
        _ = ganatomy.load(foreign, trust_code=True).config
    assert not Path("executed").exists()


def test_a_moved_file_is_named_and_the_run_goes_on(folder: Path) -> None:
    (folder / "mine.py").write_text(HINGE, encoding="utf-8")
    ganatomy.train("gan", *WORDS, "objective=mine.py", out="run")
    (folder / "mine.py").rename(folder / "moved.py")
    assert ganatomy.resume("run", "objective=moved.py", "train.updates=3").update == 3
    assert ganatomy.resume("run", "train.updates=4").update == 4, "the new place is not remembered"


# ---- packages, notebooks, several processes


def test_an_installed_package_offers_a_loss_by_a_name_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = folder / "site"
    (site / "theirs-1.0.dist-info").mkdir(parents=True)
    (site / "theirs.py").write_text(HINGE, encoding="utf-8")
    (site / "theirs-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (site / "theirs-1.0.dist-info" / "entry_points.txt").write_text(
        "[ganatomy.objectives]\nmy-hinge = theirs:Hinge\nbroken = nowhere:Hinge\n"
    )
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(objectives.__dict__, "_installed", raising=False)
    assert {"my-hinge", "broken"} <= set(objectives.names())
    run = ganatomy.train("gan", *WORDS, "objective=my-hinge", out="run")
    assert reference_of(type(run.config.objective)) == "theirs:Hinge"
    with pytest.raises(ganatomy.UsageError, match="no module nowhere"):
        recipe.load("gan", ["objective=broken"])
    objectives.__dict__.pop("_installed")


def test_a_class_of_a_script_is_resumed_where_it_is_defined_again(folder: Path) -> None:
    script = f"{HINGE}\n\nimport sys\n\nif __name__ == '__main__':\n    exec(sys.argv[1])\n"
    (folder / "script.py").write_text(script, encoding="utf-8")

    def run(code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "script.py", code], capture_output=True, text=True, check=False, cwd=folder
        )

    train = f"ganatomy.train('gan', *{WORDS}, objective=Hinge, out='run')"
    done = run(train)
    assert done.returncode == 0, done.stderr
    elsewhere = python("-m", "ganatomy", "resume", "run", "train.updates=3")
    assert elsewhere.code == 1, elsewhere.err
    assert "defined in a notebook or a script" in elsewhere.err
    assert "ganatomy.resume(path, objective=Hinge)" in elsewhere.err
    again = run("print(ganatomy.resume('run', 'train.updates=3', objective=Hinge).update)")
    assert again.stdout.strip() == "3", again.stderr


def test_a_class_of_a_notebooks_cell_is_kept_with_its_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython's cells are files in `linecache` alone, and their classes are of `__main__`, which has no file."""
    cell = str(folder / "ipykernel_1" / "1.py")
    source = f"{HINGE}\n\nprint('a cell has more than the class')\n"
    monkeypatch.setitem(linecache.cache, cell, (len(source), None, source.splitlines(keepends=True), cell))
    notebook = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    exec(compile(source, cell, "exec"), notebook.__dict__)
    hinge = notebook.Hinge
    run = ganatomy.train("gan", *WORDS, objective=hinge, out="run")
    (kept,) = (run.path / "code" / "objective").iterdir()
    text = kept.read_text(encoding="utf-8")
    assert text.startswith("class Hinge(")
    assert "a cell has more" not in text
    assert ganatomy.resume("run", "train.updates=3", objective=hinge).update == 3
    del notebook.Hinge
    monkeypatch.setattr(objectives, "passed", {})  # as in another process
    with pytest.raises(ganatomy.GanatomyError, match=r"ganatomy\.resume\(path, objective=Hinge\)"):
        ganatomy.resume("run", "train.updates=4")


def test_all_that_a_run_needs_is_named_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", script)
    exec(f"{HINGE}\n{TWO_MODULES}", script.__dict__)
    networks = (script.Generator, script.Discriminator)
    ganatomy.train("gan", *WORDS, objective=script.Hinge, model=networks, out="run")
    for registry in (objectives, families):
        monkeypatch.setattr(registry, "passed", {})  # as in another process
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    with pytest.raises(ganatomy.GanatomyError) as missing:
        ganatomy.resume("run", "train.updates=3")
    assert "ganatomy.resume(path, objective=Hinge)" in str(missing.value)
    assert "ganatomy.resume(path, model=(Generator, Discriminator))" in str(missing.value)


def test_two_processes_train_it_together(folder: Path) -> None:
    (folder / "mine.py").write_text(HINGE, encoding="utf-8")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "ganatomy"]
    done = subprocess.run(
        [*torchrun, "train", "gan", *WORDS, "train.device=cpu", "train.precision=fp32", "objective=mine.py", "out=run"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert ganatomy.load("run").update == 2


# ---- Python objects


def test_an_instance_brings_its_settings() -> None:
    penalised = objectives.get("wasserstein")(clip=0.5)
    assert recipe.load("gan", {"objective": penalised}).objective == penalised


@pytest.mark.parametrize(
    "passed",
    [
        pytest.param(lambda images: images, id="array"),
        pytest.param(lambda images: torch.from_numpy(images).movedim(3, 1), id="tensor, channels first"),
        pytest.param(lambda images: torch.from_numpy(images).float().div(127.5).sub(1), id="floats in [-1, 1]"),
        pytest.param(lambda images: (images, np.arange(len(images)) % 10), id="with labels"),
    ],
)
def test_images_in_memory_are_data(folder: Path, passed: Callable[[np.ndarray], object]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 1), dtype=np.uint8)
    words = [word for word in WORDS if not word.startswith("data")]
    ganatomy.train("gan", *words, data=passed(images), out="run")
    assert ganatomy.resume("run", "train.updates=3", data=passed(images)).update == 3
    with pytest.raises(ganatomy.GanatomyError):
        ganatomy.resume("run", "train.updates=4", data=255 - images)
