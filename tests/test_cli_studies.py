"""`ganatomy study`, `report`, `claims` and `demo`: what they print, what they refuse, and how they end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from command_line import Command
from ganatomy.lab import claims, demo, saturation
from ganatomy.lab.answers import answer as answering
from ganatomy.lab.claim import RULINGS
from study_files import TINY, write


def test_without_a_name_the_studies_are_listed(command: Command) -> None:
    done = command("study")
    assert done.code == 0
    assert "course:" in done.out
    assert "--level full: 3 seeds, 14070 updates and 1800 seconds; data=mnist" in done.out
    assert json.loads(command("study", "--json").out)["studies"][0]["levels"] == ["quick", "short", "full"]


def test_a_dry_run_prints_the_runs_and_makes_nothing(command: Command) -> None:
    done = command("study", "course", "train.batch=32", "--seeds", 2, "--budget", "7 updates", "--dry-run", "--json")
    jobs = json.loads(done.out)["jobs"]
    assert len(jobs) == 6
    assert all("train.batch=32" in job["command"] and "train.updates=7" in job["command"] for job in jobs)
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coarse"], "did you mean 'course'"),
        (["course", "--level", "quik"], "did you mean 'quick'"),
        (["course", "--on", "rey"], "did you mean 'ray'"),
        (["course", "--budget", "7 parsecs"], "'600 updates'"),
        (["course", "train.epochs=2"], "the length of the runs is the study's"),
        (["course", "--on", "ray", "--jobs", "2"], "--jobs is for this machine"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_trained(command: Command, arguments: list[str], said: str) -> None:
    done = command("study", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not Path("runs").exists()


PAIR = TINY.replace('"wide"', '"narrow-tuned"')


def test_demo_is_a_study_and_goes_on_where_it_was(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STUDY", write(tmp_path, PAIR))
    first = command("demo", "--out", "shown", "--json")
    assert first.code == 0, first.err
    made = json.loads(first.out)
    assert len(made["runs"]) == 2  # of one seed
    assert Path(made["comparison"]).read_bytes().startswith(b"\x89PNG")
    assert "</html>" in Path(made["report"]).read_text()
    assert re.search(r"\[2/2\] [\w-]+, 4 updates, seed 0: done", first.err)
    weights = {file: file.read_bytes() for file in Path("shown").rglob("*.safetensors")}
    again = command("demo", "--out", "shown")
    assert again.code == 0, again.err
    assert "next: open shown/widths-quick/report.html in a browser" in again.out
    assert {file: file.read_bytes() for file in weights} == weights

    # The same folder as a study's: its table, its report, and reports on its runs alone.
    told = command("study", write(tmp_path, PAIR), "--seeds", 1, "--studies", "shown")
    assert told.code == 0, told.err
    assert re.search(r"^fid \(lower\) +\d", told.out, re.MULTILINE)
    one = command("report", made["runs"][0])
    assert one.code == 0, one.err
    assert (Path(made["runs"][0]) / "report.html").is_file()
    several = command("report", *made["runs"])
    assert (several.code, "--out" in several.err) == (2, True)
    named = command("report", *made["runs"], "--out", "both.html")
    assert named.code == 0, named.err
    assert Path("both.html").is_file()
    mixed = command("report", "shown/widths-quick", made["runs"][0])
    assert (mixed.code, "one study" in mixed.err) == (2, True)
    wrong = command("report", "shown/widths-quick", "--out", "report.pdf")
    assert (wrong.code, Path("report.pdf").exists()) == (2, False)


def test_a_study_with_a_failed_run_says_so_and_ends_with_1(command: Command, tmp_path: Path) -> None:
    study = write(tmp_path, TINY.replace("[0, 1]", "[0]"))
    planned = json.loads(command("study", study, "--dry-run", "--json").out)["jobs"]
    corrupted = Path(planned[1]["run"])
    corrupted.mkdir(parents=True)
    (corrupted / "config.toml").write_text("not = = TOML")
    done = command("study", study)
    assert done.code == 1
    assert "FAILED: wide, 4 updates, seed 0" in done.out
    assert "config.toml is damaged" in Path("runs/studies/widths-quick/report.html").read_text()


def test_report_on_what_is_neither_run_nor_study(command: Command, tmp_path: Path) -> None:
    done = command("report", tmp_path)
    assert done.code == 1
    assert "so it is no run" in done.err


def test_claims_are_listed_and_shown(command: Command) -> None:
    listed = command("claims")
    assert listed.code == 0
    assert all(name in listed.out for name in claims.names())
    shown = command("claims", "show", "q5-collapse", "--lang", "zh")
    assert "BatchNorm 防止模式崩溃" in shown.out
    whole = json.loads(command("claims", "show", "Q5", "--json").out)["claims"]
    assert {each["question"] for each in whole} == {"Q5"}
    assert len(whole) > 1
    wrong = command("claims", "show", "q5-colapse")
    assert (wrong.code, "did you mean 'q5-collapse'" in wrong.err) == (2, True)


def test_a_claim_is_run_judged_and_shown(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saturation, "STEPS", 20)
    done = command("claims", "run", "q6-saturation", "--json")
    assert done.code == 0, done.err
    (finding,) = json.loads(done.out)["findings"]
    assert finding["ruling"] in RULINGS
    assert {"0", "1", "2", "3", "4"} <= finding["values"]["gradient kept"]["js"].keys()
    assert f"-> {finding['ruling']} (quick)" in command("claims").out
    shown = command("claims", "show", "q6-saturation").out
    assert f"verdict at quick: {finding['ruling']}" in shown
    assert claims.get("q6-saturation").meanings[finding["ruling"]].en in shown
    answer = json.loads(command("answer", "q6", "--json").out)
    (row,) = [each for each in answer["evidence"] if each["name"] == "q6-saturation"]
    assert (row["verdict"], row["level"]) == (finding["ruling"], "quick")


def test_a_level_that_no_claim_has_is_refused(command: Command) -> None:
    done = command("claims", "run", "q6-saturation", "--level", "full")
    assert (done.code, "q6-saturation cannot be tested at it" in done.err) == (2, True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_questions_are_answered(command: Command, language: str) -> None:
    listed = command("answer", "--lang", language)
    assert listed.code == 0, listed.err
    for name in answering.names():
        answer = answering.get(name, language)
        assert answer.line[:30] in listed.out
        shown = command("answer", name, "--lang", language)
        assert shown.code == 0, shown.err
        assert answer.facts.command in shown.out
    wrong = command("answer", "q77")
    assert (wrong.code, "did you mean" in wrong.err) == (2, True)


def test_a_demos_picture_has_a_place_for_a_run_that_failed(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STUDY", write(tmp_path, PAIR))
    planned = json.loads(command("study", demo.STUDY, "--seeds", 1, "--studies", "shown", "--dry-run", "--json").out)
    failing = Path(planned["jobs"][0]["run"])
    failing.mkdir(parents=True)
    (failing / "config.toml").write_text("not = = TOML")
    done = command("demo", "--out", "shown", "--json")
    assert (done.code, len(json.loads(done.out)["runs"])) == (1, 1)
    assert Path("shown/comparison.png").read_bytes().startswith(b"\x89PNG")


def test_a_demo_without_any_finished_run_says_where_the_reasons_are(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STUDY", write(tmp_path))
    planned = json.loads(command("study", demo.STUDY, "--seeds", 1, "--studies", "shown", "--dry-run", "--json").out)
    for job in planned["jobs"]:
        Path(job["run"]).mkdir(parents=True)
        (Path(job["run"]) / "config.toml").write_text("not = = TOML")
    done = command("demo", "--out", "shown")
    assert (done.code, Path("shown/comparison.png").exists()) == (1, False)
    assert "shown/widths-quick/report.html says why" in done.err
    assert "config.toml is damaged" in Path("shown/widths-quick/report.html").read_text()
