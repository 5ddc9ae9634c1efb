"""Tables of scores, and the commands that make and show them."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ganatomy
from command_line import Command
from ganatomy.data.digits import Digits
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation import Evaluation, evaluate_run
from ganatomy.evaluation.evaluate import Scored
from ganatomy.report import scores
from ganatomy.report.scores import number

N = 120


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the runs `one`, `two` and `three`, which no test changes; the first two are evaluated."""
    folder = tmp_path_factory.mktemp("evaluated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        for seed, name in enumerate(("one", "two", "three")):
            run = ganatomy.train(
                "gan", "data=digits", "train.updates=3", "train.batch=16", seed=seed, out=folder / name
            )
            if name != "three":
                evaluate_run(run, N, "principal")
        yield folder


@pytest.fixture
def runs(evaluated: Path, tmp_path: Path) -> Path:
    """The folder's runs, for a test to change."""
    for name in ("one", "two", "three"):
        shutil.copytree(evaluated / name, tmp_path / name)
    return tmp_path


def evaluation(**changes: Any) -> Evaluation:
    """An evaluation of a run `dcgan`, made up."""
    made = Evaluation(
        subject={"run": "runs/dcgan", "update": 7, "weights": "last", "seed": 3},
        n=1000,
        data="mnist",
        extractor={"name": "graded", "digest": "ab" * 32},
        reference="cd" * 32,
        metrics={
            "fid": Scored(12.3456, 11.9, 12.8, 0.5),
            "coverage": Scored(0.98765, 0.98, 0.99, 1.0),
        },
        missing_classes=["4", "9"],
        notes=["a note"],
        seconds=2.5,
    )
    return dataclasses.replace(made, **changes)


# ---- numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98765, "0.9877"),
        (123.456, "123.5"),
        (1.23456, "1.235"),
        (10.0, "10"),
        (0.0, "0"),
        (-0.0, "0"),
        (-3.0, "-3"),
        (-0.00001234, "-0.00001"),
        (0.0012345, "0.0012"),
        (0.00012345, "0.00012"),
        (1234.5, "1234"),
        (12345.6, "12346"),
        (123456.7, "123457"),
        (2e7, "2e+07"),
        (425395.0778929578, "425395"),
        (9999.96, "10000"),
    ],
)
def test_numbers_have_no_exponent_below_a_million(value: float, text: str) -> None:
    assert number(value) == text


# ---- one evaluation as lines


def test_lines_say_all_that_it_takes_to_read_the_values() -> None:
    lines = scores.lines(evaluation())
    text = "\n".join(lines)
    assert lines[0] == "runs/dcgan, update 7, last weights, noise seed 3"
    assert "1000 generated against 1000 real images of mnist; features: graded abababababab" in text
    assert "missing classes: 4, 9" in text
    assert "note: a note" in text
    assert lines[-1] == "2.5 seconds"
    (fid,) = [line for line in lines if line.startswith("fid")]
    assert fid.split() == ["fid", "12.35", "11.9", "to", "12.8", "0.5000", "lower"]
    (coverage,) = [line for line in lines if line.startswith("coverage")]
    assert coverage.split()[-2:] == ["1", "higher"]
    (head,) = [line for line in lines if line.startswith("metric")]
    assert head.index("better") == fid.index("lower") == coverage.index("higher")


def test_lines_of_images_from_elsewhere_without_classes() -> None:
    lines = scores.lines(evaluation(subject={"samples": "x.npz"}, missing_classes=None, notes=[]))
    assert lines[0] == "x.npz"
    assert not any("missing" in line or "note" in line for line in lines)
    assert not any("missing" in line for line in scores.lines(evaluation(missing_classes=[])))


# ---- several side by side


def test_columns_line_up() -> None:
    long = evaluation(
        subject={"samples": "deep/a-name-that-is-longer-than-any-cell-of-the-table.npz"},
        metrics={"fid": Scored(4123.456, 4000.5, 4200.25, 0.5), "kid": Scored(-0.00001, -0.001, 0.002, 0.0001)},
    )
    lines = scores.table([evaluation(), long])
    head = next(index for index, line in enumerate(lines) if line.startswith("metric"))
    rows = [lines[head + 2 + index] for index in range(3)]
    assert [row.split()[0] for row in rows] == ["fid", "coverage", "kid"]
    for title in ("dcgan", "a-name-that-is-longer-than-any-cell-of-the-table.npz"):
        end = lines[head].index(title) + len(title)
        assert all(row[end - 1] in ")-" and row[end] == " " for row in rows), title
    assert len({len(line) for line in [lines[head], *rows]}) == 1
    assert [row.split()[-1] for row in rows] == ["0.5000", "1", "0.00010"]
    assert rows[0].split()[1:5] == ["12.35", "(11.9", "to", "12.8)"]
    assert rows[1].split()[-2] == "-"
    assert rows[2].split()[1] == "-"


def test_the_table_says_what_was_measured() -> None:
    head = scores.table([evaluation(), evaluation()])[0]
    assert "1000 generated against 1000 real images of mnist" in head
    assert "graded abababababab" in head
    assert "reference cdcdcdcdcdcd" in head


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": 900}, "n: 1000 and 900"),
        ({"data": "digits"}, "data: mnist and digits"),
        ({"reference": "ef" * 32}, "reference: cdcdcdcdcdcd and efefefefefef"),
        ({"extractor": {"name": "graded", "digest": "12" * 32}}, "extractor: graded abababababab and graded 1212"),
        ({"extractor": {"name": "plain", "digest": "ab" * 32}}, "extractor: graded abababababab and plain abab"),
    ],
)
def test_what_was_not_measured_alike_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        scores.table([evaluation(), evaluation(), evaluation(**change)])
    assert refused.value.exit_code == 2
    assert words in str(refused.value)
    for fact in {"n", "data", "reference", "extractor"} - change.keys():
        assert f"{fact}: " not in str(refused.value)


def test_all_differences_are_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"data: mnist and digits; n: 1000 and 900"):
        scores.table([evaluation(), evaluation(n=900, data="digits")])


# ---- reading


def test_runs_and_files_are_read(evaluated: Path, tmp_path: Path) -> None:
    shutil.copy(evaluated / "two" / "metrics.json", tmp_path / "two.json")
    one, two = scores.read([evaluated / "one", tmp_path / "two.json"])
    assert one.tree == json.loads((evaluated / "one" / "metrics.json").read_text())
    assert two.subject["run"] == str(evaluated / "two")
    assert len(scores.table([one, two])) > 7


def test_a_run_that_was_not_evaluated_gives_the_command(evaluated: Path) -> None:
    with pytest.raises(GanatomyError, match=f"ganatomy evaluate {evaluated / 'three'}") as refused:
        scores.read([evaluated / "one", evaluated / "three"])
    assert refused.value.exit_code == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"metrics": {}}',
        '{"metrics": []}',
        json.dumps({**evaluation().tree, "metrics": {"fid": {"value": 1.0}}}),
        json.dumps({**evaluation().tree, "extra": 1}),
    ],
)
def test_what_is_no_evaluation_is_refused(content: str) -> None:
    Path("damaged.json").write_text(content)
    with pytest.raises(GanatomyError, match=r"damaged\.json is not what ganatomy evaluate writes"):
        scores.read([Path("damaged.json")])


def test_bytes_that_are_no_text_are_refused() -> None:
    Path("damaged.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GanatomyError, match="is not what ganatomy evaluate writes"):
        scores.read([Path("damaged.json")])


# ---- ganatomy evaluate


def test_json_of_a_run_is_its_metrics_file(runs: Path, command: Command) -> None:
    done = command("evaluate", runs / "three", "--features", "principal", "-n", 200, "--json")
    assert done.code == 0, done.err
    assert done.out.count("\n") == 1
    assert json.loads(done.out) == json.loads((runs / "three" / "metrics.json").read_text())
    assert json.loads(done.out)["n"] == 200


def test_the_table_of_a_run(runs: Path, evaluated: Path, command: Command) -> None:
    done = command("evaluate", runs / "one", "--features", "principal", "-n", N, "--metrics", "precision,fid")
    assert done.code == 0, done.err
    assert f"{runs / 'one'}, update 3, last weights, noise seed 0" in done.out
    names = [line.split()[0] for line in done.out.splitlines() if line.startswith(("fid", "precision", "recall"))]
    assert names == ["fid", "precision"]
    assert f"next: ganatomy scores {runs / 'one'}" in done.out
    before = json.loads((evaluated / "one" / "metrics.json").read_text())["metrics"]
    after = json.loads((runs / "one" / "metrics.json").read_text())["metrics"]
    assert after == {name: before[name] for name in ("fid", "precision")}


def test_several_runs(runs: Path, command: Command) -> None:
    places = [runs / name for name in ("one", "three")]
    done = command("evaluate", *places, "--features", "principal", "-n", N, "--seed", 4, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)["evaluations"]
    assert [each["subject"]["run"] for each in found] == [str(place) for place in places]
    assert [each["subject"]["seed"] for each in found] == [4, 4]
    assert found == [json.loads((place / "metrics.json").read_text()) for place in places]
    assert found[0]["metrics"] != found[1]["metrics"]


def digits_file() -> str:
    np.savez("digits.npz", images=Digits().load().images[:N])
    return "digits.npz"


def test_samples_against_data(command: Command) -> None:
    words = ["--samples", digits_file(), "--data", "digits", "--features", "principal", "--metrics", "near_copies"]
    done = command("evaluate", *words, "--out", "deep/scores.json", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found == json.loads(Path("deep/scores.json").read_text())
    assert found["subject"] == {"samples": "digits.npz"}
    assert found["metrics"]["near_copies"]["value"] == 1
    shown = command("evaluate", *words)
    assert shown.code == 0, shown.err
    assert "near_copies" in shown.out
    assert "next: ganatomy evaluate RUN" in shown.out


def test_data_may_be_a_word_as_in_other_commands(command: Command) -> None:
    words = ["--samples", digits_file(), "--features", "principal", "--metrics", "near_copies", "--json"]
    done = command("evaluate", "data=digits", *words, "--out", "scores.json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["data"] == "digits"
    shown = command("evaluate", "data=digits", *words[:-1], "--out", "scores.json")
    assert "next: ganatomy report RUN scores.json" in shown.out


def test_images_in_memory_of_any_form() -> None:
    made = Digits().load().images[:N]
    tensor = torch.from_numpy(made.transpose(0, 3, 1, 2) / 127.5 - 1).requires_grad_()
    found = [
        ganatomy.evaluate_images(given, "digits", features="principal", metrics=["fid", "near_copies"])
        for given in (made, tensor, list(made[..., 0]))
    ]
    assert found[0].metrics == found[1].metrics == found[2].metrics
    assert found[0].subject == {"samples": "the array"}


def test_real_images_in_memory() -> None:
    real = Digits().load().images[: 2 * N]
    found = ganatomy.evaluate_images(real[N:], real, features="principal", metrics=["near_copies"])
    assert found.data == "array"
    assert found.metrics["near_copies"].value == 1


def test_samples_against_a_folder_of_pictures(command: Command, tmp_path: Path) -> None:
    from PIL import Image

    Path("pictures").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (40, 16, 16), dtype=np.uint8)
    for index, image in enumerate(noise):
        Image.fromarray(image).save(f"pictures/{index:02d}.png")
    np.savez("set.npz", images=noise[:20])
    words = ["--samples", "set.npz", "--metrics", "near_copies", "--json"]
    where = ["--data", "folder", "--data", f"data.path={tmp_path / 'pictures'}", "--data", "data.size=16"]
    done = command("evaluate", *words, *where)
    assert done.code == 0, done.err
    assert json.loads(done.out)["extractor"]["name"] == "principal"
    assert json.loads(done.out)["metrics"]["near_copies"]["value"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["runs/dcgan-mnist-s0", "--samples X.npz --data mnist"]),
        (["one", "--samples", "x.npz", "--data", "digits"], ["--samples"]),
        (["--samples", "x.npz"], ["--samples needs --data", "--data mnist"]),
        (["--samples", "x.npz", "--data", "digits", "--best"], ["--best", "for runs"]),
        (["--samples", "x.npz", "--data", "digits", "--seed", "1"], ["--seed", "for runs"]),
        (["one", "--data", "digits"], ["--data", "a run knows its data"]),
        (["one", "--out", "x.json"], ["--out", "metrics.json"]),
        (["one", "--metrics", "fdi"], ["unknown metric 'fdi'", "did you mean 'fid'"]),
        (["one", "--features", "gradd"], ["unknown features 'gradd'", "did you mean 'graded'"]),
        (["one", "--features", "principal", "-n", "30", "--metrics", "fid"], ["FID", "leave fid out of --metrics"]),
        (["one", "-n", "1"], ["--count"]),
        (["--samples", "digits.npz", "--data", "digts"], ["digts", "digits"]),
        (["--samples", "digits.npz", "--data", "digits", "--features", "principal", "-n", "121"], ["120", "121"]),
    ],
)
def test_wrong_usage(arguments: list[str], words: list[str], runs: Path, command: Command) -> None:
    digits_file()
    before = (runs / "one" / "metrics.json").read_bytes()
    done = command("evaluate", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert (runs / "one" / "metrics.json").read_bytes() == before


def test_a_folder_that_is_no_run(command: Command) -> None:
    Path("empty").mkdir()
    done = command("evaluate", "empty")
    assert (done.code, done.out) == (1, "")
    assert "no config.toml" in done.err
    assert command("evaluate", "nowhere").code == 1


# ---- ganatomy scores


def test_scores_of_two_runs_in_one_table(evaluated: Path, command: Command) -> None:
    done = command("scores", evaluated / "one", evaluated / "two")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    (head,) = [line for line in lines if line.startswith("metric")]
    assert head.split() == ["metric", "one", "two", "floor"]
    trees = [json.loads((evaluated / name / "metrics.json").read_text()) for name in ("one", "two")]
    (fid,) = [line for line in lines if line.startswith("fid")]
    for tree in trees:
        assert number(tree["metrics"]["fid"]["value"]) in fid.split()
    assert fid.split()[-1] == number(trees[0]["metrics"]["fid"]["floor"])

    done = command("scores", evaluated / "one", evaluated / "two", "--json")
    assert json.loads(done.out) == dict(zip((str(evaluated / "one"), str(evaluated / "two")), trees, strict=True))


def test_scores_that_were_not_measured_alike(runs: Path, command: Command) -> None:
    assert command("evaluate", runs / "two", "--features", "principal", "-n", 150, "--metrics", "kid").code == 0
    done = command("scores", runs / "one", runs / "two")
    assert (done.code, done.out) == (2, "")
    assert "n: 120 and 150" in done.err
    assert "reference: " in done.err


def test_scores_of_a_run_that_was_not_evaluated(runs: Path, command: Command) -> None:
    done = command("scores", runs / "one", runs / "three")
    assert (done.code, done.out) == (1, "")
    assert f"ganatomy evaluate {runs / 'three'}" in done.err


def test_scores_of_what_is_not_there_do_not_advise_to_evaluate_it(command: Command) -> None:
    done = command("scores", "nowhere")
    assert (done.code, done.out) == (1, "")
    assert "nowhere does not exist" in done.err
    assert "ganatomy evaluate ." not in done.err


def test_columns_of_runs_of_one_name_can_be_told_apart(runs: Path, command: Command) -> None:
    for parent, name in (("a", "one"), ("b", "two")):
        Path(parent).mkdir()
        shutil.move(runs / name, Path(parent, "run"))
        found = json.loads(Path(parent, "run", "metrics.json").read_text())
        found["subject"]["run"] = str(Path(parent, "run"))
        Path(parent, "run", "metrics.json").write_text(json.dumps(found))
    done = command("scores", "a/run", "b/run")
    (head,) = [line for line in done.out.splitlines() if line.startswith("metric")]
    _, first, second, _ = head.split()
    assert first != second


def test_a_run_that_is_the_present_folder_has_a_name(
    runs: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(runs / "one")
    assert command("evaluate", ".", "--features", "principal", "-n", N, "--metrics", "kid").code == 0
    done = command("scores", ".")
    (head,) = [line for line in done.out.splitlines() if line.startswith("metric")]
    assert head.split() == ["metric", "one", "floor"]
