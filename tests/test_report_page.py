"""The report's page as text: what is in it, whatever state the runs are in, and that nothing in it can do harm."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jinja2 import UndefinedError

from ganatomy import api, images
from ganatomy.data import sources
from ganatomy.report import adhoc, page
from ganatomy.runs.folder import RunFolder
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Arm
from ganatomy.studies.results import Results, Trial
from ganatomy.words import Words
from report_runs import (
    FAILURE,
    HOSTILE,
    RECIPES,
    SECONDS,
    UPDATES,
    answered,
    cut_short,
    elements,
    own_runs,
    runs,
    study_of,
)

__all__ = ["own_runs", "runs"]


@pytest.fixture(scope="module")
def html(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a whole study with an answer."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    page.save(study_of(runs), path, [answered()])
    return path.read_text(encoding="utf-8")


def packed(html: str, name: str) -> str:
    """The text that an element of the page holds as gzip in base64."""
    (found,) = re.findall(rf'<script type="text/plain" id="{name}">([^<]*)</script>', html)
    return gzip.decompress(base64.b64decode(found)).decode()


def charts(html: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(packed(html, "charts"))
    return found


def section(html: str, name: str) -> str:
    (found,) = re.findall(rf'<section id="{name}".*?</section>', html, re.DOTALL)
    return str(found)


def text(html: str) -> str:
    """What one reads, both languages, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_the_sections_stand_in_their_order(html: str) -> None:
    names = ["glance", "curves", "scores", "changes", "questions", "reproduce", "statistics"]
    assert re.findall(r'<section id="(\w+)"', html) == names
    assert re.findall(r'<a href="#(\w+)"', html)[:7] == names


def test_the_first_screen_is_a_verdict_and_pictures(html: str) -> None:
    glance = section(html, "glance")
    assert re.search(r"Best images: \w+, FID [\d.]+\. Next: \w+, [\d.]+\. Real images score [\d.]+\.", text(glance))
    assert glance.index("verdict-line") < glance.index("<img") < glance.index("<table")
    assert re.search(r"FID: [\d.]+, \d+ of 10 classes", glance)


def test_every_trial_is_there_whatever_its_state(html: str, runs: Path) -> None:
    results = study_of(runs)
    reproduce, scores, pictures = section(html, "reproduce"), section(html, "scores"), section(html, "glance")
    for trial in results.trials:
        assert reproduce.count(trial.command) >= 1
    # Each trial has a row among the values of each seed, at the one point that was scored.
    assert scores.count('<span class="state finished">') == 9
    assert scores.count('<span class="state failed">') == 1
    assert scores.count('<span class="state waiting">') == 2
    assert len(re.findall(r'<figure data-arm="a\d">', pictures)) == len(results.trials)
    for name in ("glance", "curves", "scores", "reproduce"):
        assert '<span class="state failed">' in section(html, name), name
        assert '<span class="state waiting">' in section(html, name), name
    assert "not begun" in section(html, "glance")


def test_a_failed_trial_tells_why(html: str) -> None:
    for name in ("glance", "scores", "reproduce"):
        assert "the loss is not finite" in section(html, name)


def test_no_resource_comes_from_elsewhere(html: str) -> None:
    for tag, attributes in elements(html):
        for name in ("src", "href", "srcset", "data", "poster", "action"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:image/", "#")) or not value, (tag, name, value[:80])
    assert "@import" not in html
    assert "url(" not in html


def test_what_comes_from_folders_and_files_stays_text(html: str, runs: Path, tmp_path: Path) -> None:
    assert FAILURE.reason.split("<")[0] in html
    assert "<img src=x" not in html
    results = study_of(runs)
    names = {RECIPES[0]: f"gan{HOSTILE}"}
    arms = tuple(
        dataclasses.replace(arm, name=names.get(arm.name, arm.name), title=Words(HOSTILE, HOSTILE), settings=(HOSTILE,))
        for arm in results.study.arms
    )
    study = dataclasses.replace(results.study, arms=arms, title=Words(HOSTILE, HOSTILE), about=Words(HOSTILE, HOSTILE))
    trials = tuple(
        dataclasses.replace(trial, arm=names.get(trial.arm, trial.arm), command=HOSTILE) for trial in results.trials
    )
    path = tmp_path / "hostile.html"
    page.save(Results(study, trials), path, [answered(claim=HOSTILE, text=HOSTILE)])
    hostile = path.read_text(encoding="utf-8")
    calm = [tag for tag, _ in elements(html)]
    assert [tag for tag, _ in elements(hostile)].count("script") == calm.count("script")
    assert not any(attributes.get("onerror") for _, attributes in elements(hostile))
    assert "alert(1)" in hostile  # shown, and inert
    assert "49" not in re.findall(r"&amp;(.{2})", hostile)
    for figure in charts(hostile)["charts"].values():
        assert "<img" not in json.dumps(figure)


def test_only_the_pages_own_scripts_may_run(html: str) -> None:
    (policy,) = [a["content"] or "" for tag, a in elements(html) if tag == "meta" and "http-equiv" in a]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    for content in (script, packed(html, "plotly")):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_every_chart_has_its_place_and_every_place_its_chart(html: str) -> None:
    places = [a["id"] for _, a in elements(html) if "chart" in (a.get("class") or "").split()]
    assert sorted(charts(html)["charts"]) == sorted(places)  # type: ignore[type-var]
    assert {"curves-b0-a0", "curves-b0-a1", "curves-b0-a2", "together-b0", "curves-b1-a2"} <= set(places)


def test_charts_show_losses_scores_gradients_and_metrics_of_each_seed_unsmoothed(html: str, runs: Path) -> None:
    drawn = charts(html)
    traces = drawn["charts"]["curves-b0-a1"]["data"]
    for line, panels in {"discriminator": 2, "generator": 2, "real": 1, "fake": 1}.items():
        for seed in ("0", "1"):
            found = [t for t in traces if t.get("meta") == {"line": line, "seed": seed}]
            assert len(found) == panels, (line, seed)
    losses = next(t for t in traces if t.get("meta") == {"line": "generator", "seed": "1"})
    history = api.load(runs / "dcgan-s1").history
    assert losses["y"] == pytest.approx([record["loss/generator"] for record in history], rel=1e-3)
    places = drawn["positions"][losses["x"]["$x"]]
    assert places["updates"] == [record["step"] for record in history]
    assert places["images"] == [record["images"] for record in history]
    assert places["seconds"] == pytest.approx([record["seconds"] for record in history], abs=1e-3)
    metrics = [t for t in traces if t.get("meta") == {"line": "metric", "seed": "0"}]
    assert len(metrics) == 3  # fid, coverage, classes found
    assert all(len(t["y"]) == 2 for t in metrics)


def test_the_milestones_are_pictures_inside_the_file(html: str) -> None:
    gallery = section(html, "glance")
    sources_found = re.findall(r'<img src="data:image/png;base64,([^"]+)"', gallery)
    # Eleven runs that have begun, five milestones and a film each.
    assert len(sources_found) == 11 * 6
    assert all(base64.b64decode(found).startswith(b"\x89PNG") for found in sources_found)
    assert gallery.count("No picture at") == 5


def test_scores_come_with_interval_floor_number_and_extractor(html: str, runs: Path) -> None:
    scores = section(html, "scores")
    evaluation = study_of(runs).trials[0].scores("100%")
    assert evaluation is not None
    assert evaluation.extractor["digest"][:12] in scores
    assert evaluation.reference[:12] in scores
    assert "<b>64</b>" in scores
    for words in ("Coverage", "覆盖率", "Real images a second", "Seconds of training", "Values of each seed"):
        assert words in scores
    assert re.search(r"\[[−\d.]+, [−\d.]+\]", scores)


def test_no_p_value_stands_without_its_effect(html: str) -> None:
    for table in re.findall(r"<thead>.*?</thead>", html, re.DOTALL):
        if "p, Holm" in table:
            assert "Effect g" in table


def test_differences_are_told_in_words(html: str) -> None:
    assert re.search(r"(not decided|higher|lower) with 2 seeds", section(html, "statistics"))
    assert re.search(r"With 2 seeds it is not decided|The difference holds over 2 seeds", section(html, "glance"))
    for name in ("curves", "scores", "changes"):
        assert "decided" not in section(html, name), name


def test_with_one_seed_nothing_is_tested_and_the_command_for_more_is_told(own_runs: Path) -> None:
    html = page.render(adhoc.of_runs([own_runs / "gan-s0", own_runs / "dcgan-s0"]))
    assert not re.search(r"not decided|p, Holm|Effect g|未定", html.partition("<main")[2].partition("</main>")[0])
    assert "One seed each; comparisons need more." in section(html, "glance")
    statistics = section(html, "statistics")
    assert statistics.count("seed=1\n") == 2
    assert "seed=0" not in statistics
    planned = page.render(study_of(own_runs, seeds=(0,)))
    assert "ganatomy study tiny --level quick --seeds 5" in section(planned, "statistics")


def test_settings_that_differ_are_told_with_their_help_and_equal_ones_folded_away(html: str) -> None:
    changes = section(html, "changes")
    before, folded = changes.split("<details>")
    assert "<code>optimizer.name</code>" in before
    assert "rmsprop" in before
    assert "Negative slope of D" not in before
    assert "<code>model.slope</code>" in folded
    assert "判别器 LeakyReLU" in folded


def test_claims_are_shown_with_their_verdicts(html: str) -> None:
    questions = text(section(html, "questions"))
    for words in (
        "BatchNorm prevents mode collapse.",
        "refuted",
        "It does not, here.",
        "quick",
        "5 seeds",
        "q5-collapse",
    ):
        assert words in questions, words


def test_without_answers_the_page_tells_how_to_get_them(runs: Path) -> None:
    assert "ganatomy claims run Q5" in section(page.render(study_of(runs)), "questions")


def test_environment_and_whole_settings_are_there(html: str, runs: Path) -> None:
    reproduce = section(html, "reproduce")
    (session,) = RunFolder(runs / "gan-s0").environments()
    assert session["packages"]["torch"] in reproduce
    assert session["platform"] in reproduce
    assert session["host"] not in re.findall(r"<code>([^<]*)</code>", reproduce)
    assert "# Written by ganatomy: this run&#39;s complete settings" in reproduce


def test_all_texts_are_in_both_languages(html: str) -> None:
    shown = re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL)
    english = re.findall(r'<span lang="en">', shown)
    pairs = re.findall(r'<span lang="en">(?:(?!<span lang).)*?</span><span lang="zh">', shown, re.DOTALL)
    assert len(english) == len(pairs) == shown.count('<span lang="zh">')
    for heading in re.findall(r"<h[234][^>]*>(.*?)</h[234]>", shown, re.DOTALL):
        assert 'lang="zh"' in heading or not re.search(r"[a-z]{4,}", re.sub(r"<[^>]*>", "", heading)), heading


def test_a_page_is_written_whole_or_not_at_all(runs: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    broken = study_of(runs)
    with pytest.raises(UndefinedError):
        page.save(broken, path, [object()])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(OSError, match="No such file"):
        page.save(broken, tmp_path / "nowhere" / "report.html")


# ---- runs that no study planned, in any state


def test_a_run_of_one_seed_without_evaluations(own_runs: Path) -> None:
    path = own_runs / "dcgan-s0"
    RunFolder(path).metrics.unlink()
    RunFolder(path).keep_history(lambda record: "metric/fid" not in record)
    html = page.render(adhoc.of_runs([path]))
    assert "No finished run has been scored" in section(html, "glance")
    assert "No finished run has been scored" in section(html, "scores")
    assert "curves-b0-a0" in charts(html)["charts"]
    assert "The systems against each other" not in html
    assert "Only one system" in section(html, "changes")


def test_a_half_trained_run_shows_how_far_it_is(own_runs: Path) -> None:
    cut_short(own_runs / "gan-s0", 4)
    html = page.render(adhoc.of_runs([own_runs / "gan-s0"]))
    assert "at update 4 of 8" in section(html, "glance")
    pictures = section(html, "glance")
    assert pictures.count("not reached yet") == 2
    # The slider begins where there is a picture.
    assert 'value="2" data-percents="0,25,50,75,100"' in pictures


def test_scores_of_an_unfinished_run_are_shown_and_not_counted(own_runs: Path) -> None:
    metrics = (own_runs / "gan-s0" / "metrics.json").read_text()
    cut_short(own_runs / "gan-s0", 4)
    (own_runs / "gan-s0" / "metrics.json").write_text(metrics)
    html = page.render(adhoc.of_runs([own_runs / "gan-s0"]))
    assert "No finished run has been scored" in section(html, "scores")
    assert "not counted in the means" in section(html, "scores")


def test_points_in_the_plane(tmp_path: Path) -> None:
    run = api.train("gan", "data=mixtures", "data.count=500", "train.updates=4", "train.batch=32", "train.log_every=1",
                    "train.evaluate_every=2", "model.hidden=16", f"out={tmp_path / 'ring'}")  # fmt: skip
    api.evaluate(run, n=100)
    html = page.render(adhoc.of_runs([run.path]))
    assert "Modes found" in section(html, "scores")
    assert section(html, "glance").count("data:image/png") == 6
    assert "high_quality" in json.dumps(list(charts(html)["charts"]))


def test_scores_that_were_not_measured_alike_are_not_compared(own_runs: Path) -> None:
    path = own_runs / "dcgan-s0" / "metrics.json"
    tree = json.loads(path.read_text())
    path.write_text(json.dumps({**tree, "n": 128, "reference": "f" * 64}))
    html = page.render(adhoc.of_runs([own_runs / "dcgan-s0", own_runs / "gan-s0"]))
    assert section(html, "scores").count("Not all scores were measured alike") == 1
    assert text(section(html, "glance")).count("Real images score") == 2  # a sentence for each way of measuring


def test_damaged_files_are_told_and_the_page_is_made(own_runs: Path) -> None:
    folder = RunFolder(own_runs / "wgan-s0")
    folder.metrics.write_text("{")
    folder.sample_file(50).write_bytes(b"no picture")
    folder.environment.write_text("[")
    html = page.render(study_of(own_runs))
    assert "cannot be read" in section(html, "glance")
    (own_runs / "gan-s0" / "config.toml").write_text("not = [toml")
    html = page.render(study_of(own_runs))
    assert "is damaged" in section(html, "glance")


def test_nothing_has_begun(tmp_path: Path) -> None:
    html = page.render(study_of(tmp_path))
    assert "No logged updates." in section(html, "curves")
    assert "No run has begun." in section(html, "reproduce")
    assert section(html, "glance").count("No picture at") == 12 * 5


def test_a_budget_may_be_some_arms_only(runs: Path) -> None:
    results = study_of(runs, only={str(SECONDS): ("gan",)})
    kept = tuple(t for t in results.trials if t.budget == UPDATES or t.arm == "gan")
    html = page.render(Results(results.study, kept))
    assert "curves-b1-a0" in charts(html)["charts"]
    assert "curves-b1-a1" not in charts(html)["charts"]


# ---- size


@pytest.fixture
def big(runs: Path, tmp_path: Path) -> Results:
    """Three arms, three seeds, two budgets; 150 log lines a run, pictures as hard to pack as a bad GAN's, all points scored."""
    rng, luck = np.random.default_rng(0), random.Random(0)
    digits = sources.get("digits")().load().images
    budgets = (Budget("updates", 450), Budget("seconds", 60))
    arms = tuple(Arm(name, name, (), Words(name, name)) for name in RECIPES)
    trials = []
    for budget in budgets:
        for seed in range(3):
            for arm in arms:
                path = tmp_path / "big" / f"{arm.name}-{seed}-{budget.kind}"
                ignored = shutil.ignore_patterns("*.safetensors", "events*", "milestones", "best", "samples.gif")
                shutil.copytree(runs / f"{arm.name}-s0", path, ignore=ignored)
                lines = [
                    {"step": 3 * n, "epoch": n // 10, "images": 192 * n, "seconds": luck.random() + n,
                     **{name: luck.gauss(0, 1) for name in ("loss/discriminator", "loss/generator", "score/real", "score/fake",
                                                            "grad/discriminator", "grad/generator")}}
                    for n in range(1, 151)
                ]  # fmt: skip
                lines += [
                    {"step": 45 * n, "images": 2880 * n, "seconds": 15 * n + luck.random(), "metric/fid": luck.random(),
                     "metric/coverage": luck.random(), "metric/classes_found": 3.0} for n in range(1, 11)
                ]  # fmt: skip
                (path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
                frames = []
                for percent in (0, 25, 50, 75, 100):
                    drawn = digits[rng.integers(0, len(digits), 64)].astype(float)
                    noisy = drawn + rng.normal(0, 40, drawn.shape) * (drawn > 20)
                    frames.append(images.grid(noisy.clip(0, 255).astype(np.uint8)))
                    images.save_png(RunFolder(path).sample_file(percent), frames[-1])
                images.save_gif(RunFolder(path).gif, frames)
                for weights in ("0%", "25%", "50%", "75%", "best"):
                    shutil.copy(path / "metrics.json", RunFolder(path).metrics_of(weights))
                trials.append(Trial(arm.name, budget, seed, path, "ganatomy train", "finished"))
    study = dataclasses.replace(study_of(runs).study, arms=arms, seeds=(0, 1, 2), budgets=budgets)
    return Results(study, tuple(trials))


def test_a_large_study_stays_below_five_megabytes(big: Results, tmp_path: Path) -> None:
    page.save(big, tmp_path / "big.html")
    size = (tmp_path / "big.html").stat().st_size
    assert 3_000_000 < size < 5_000_000


def test_long_histories_are_thinned_and_the_page_says_so(own_runs: Path) -> None:
    luck = random.Random(1)
    folder = RunFolder(own_runs / "gan-s0")
    values = [luck.gauss(0, 1) for _ in range(3000)]
    lines = [
        {"step": n, "images": n, "seconds": n / 10, "loss/generator": v, "loss/discriminator": v}
        for n, v in enumerate(values)
    ]
    folder.history_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    html = page.render(adhoc.of_runs([folder.path]))
    assert "thinned to at most" in section(html, "curves")
    (loss,) = [
        t for t in charts(html)["charts"]["curves-b0-a0"]["data"] if t.get("meta") == {"line": "generator", "seed": "0"}
    ]
    assert len(loss["y"]) <= 400
    assert max(loss["y"]) == pytest.approx(max(values), rel=1e-3)
    assert min(loss["y"]) == pytest.approx(min(values), rel=1e-3)
    assert "thinned to at most" not in page.render(adhoc.of_runs([own_runs / "gan-s1"]))
