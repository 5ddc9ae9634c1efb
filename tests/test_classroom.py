"""For teachers: similar files are found and honest ones are not, and the pages say what a class wrote and can do no harm."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from ganatomy.lab.assignments import starting
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.document import Blank
from ganatomy.lab.assignments.submission import Filling, Submission
from ganatomy.lab.assignments.verdict import State, Verdict
from ganatomy.lab.classroom import grading, pages
from ganatomy.lab.classroom.grading import Graded
from ganatomy.lab.classroom.similarity import Pair, similar
from ganatomy.words import LANGUAGES, Language, Words

GAN = Assignment.get("gan")
BLANKS = {blank.name: blank for blank in GAN.document.blanks}
SOLUTIONS = {name: blank.solution for name, blank in BLANKS.items()}

OWN = {
    "networks": "G = Generator(100, 256, 784)\nD = Discriminator(784, 256)\nG, D = G.to(device), D.to(device)",
    "d-noise": "batch = reals.size(0)\nnoise = torch.randn(batch, 100).to(reals.device)",
    "real-loss": "all_real = torch.ones(reals.size(0), 1, device=reals.device)\nreal_loss = loss_func(D(reals), all_real)",
    "fake-loss": "all_fake = torch.zeros(fakes.size(0), 1, device=fakes.device)\nfake_loss = loss_func(D(fakes), all_fake)",
    "g-loss": "pictures = G(noise)\njudged = D(pictures)\nloss_G = loss_func(judged, torch.full_like(judged, 1.0))",
    "log-losses": "for tag, loss in zip('DG', (loss_D, loss_G)):\n    writer.add_scalar(f'loss/{tag}', loss, step)",
    "samples": "with torch.inference_mode():\n    grid = G(fixed_noise)\nimages = grid.view(64, 1, 28, 28) * 0.5 + 0.5",
    "g-forward": "for layer in self.model:\n    z = layer(z)\nreturn z",
}
"""Right, and like hardly anybody else's."""
OTHER_NAMES = dict(
    zip(
        ("batch", "all_real", "all_fake", "pictures", "judged", "tag", "loss", "grid", "layer"),
        ("n", "label_1", "label_0", "made", "answer", "t", "value", "out", "each"),
        strict=True,
    )
)
ANSWERS = (
    "Two networks play against each other: one of them wants its pictures to be taken for real ones, the other one wants "
    "to tell them apart, and only the gradient of the second one makes the first one any better.",
    "两个网络互相竞争，一个想让自己生成的图像被当作真的，另一个想把真假区分开，第一个网络只能通过第二个网络传回的梯度变得更好。",
)


def student(
    file: str,
    fillings: Mapping[str, str],
    answers: Mapping[str, str] | None = None,
    language: str = "en",
    wrong: Mapping[str, tuple[State, str | None]] | None = None,
) -> Graded:
    """A graded file with these fillings by the name of their blank, the solution in all others, and verdicts by hand."""
    texts = {**SOLUTIONS, **fillings}
    submission = Submission(
        "gan", language, {BLANKS[name].number: Filling(text, 7) for name, text in texts.items()}, None, answers or {}
    )
    verdicts = [verdict(blank, *(wrong or {}).get(blank.name, ("passed", None))) for blank in GAN.document.blanks]
    return Graded(Path(file), submission, GAN, verdicts)


def verdict(blank: Blank, state: State, mistake: str | None) -> Verdict:
    message = GAN.mistake(blank, mistake) if mistake else Words(f"said {state}", f"说明 {state}")
    return Verdict(blank.number, blank.name, 1, state, message, mistake, 7, float(state == "passed"))


def renamed(fillings: Mapping[str, str]) -> dict[str, str]:
    names = rf"\b({'|'.join(OTHER_NAMES)})\b(?!/)"  # not the tag that begins with "loss/"
    return {name: re.sub(names, lambda found: OTHER_NAMES[found[0]], text) for name, text in fillings.items()}


def honest(count: int, seed: int) -> list[Graded]:
    """Students who choose each filling, comment and word alone, among those that many choose and some that few do."""
    rng = random.Random(seed)
    words = [f"word{number}" for number in range(300)]

    def filling(blank: Blank) -> str:
        way = rng.choices(range(8), [1 / (place + 1) for place in range(8)])[0]
        comment = f"# because of reason number {rng.randrange(40)} for this" if rng.random() < 0.2 else ""
        return f"{blank.solution}\n{comment}\n" + (f"check_{way}.run({way})" if way else "")

    return [
        student(
            f"s{number:03}/gan.py",
            {name: filling(blank) for name, blank in BLANKS.items()},
            {question.name: " ".join(rng.choices(words, k=80)) for question in GAN.questions},
        )
        for number in range(count)
    ]


def files(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.first.file.parent.name, pair.second.file.parent.name) for pair in pairs]


# ---- similar files


def test_a_copy_with_other_names_is_found() -> None:
    one, other = student("ada/gan.py", OWN), student("bob/gan.py", renamed(OWN))
    assert other.submission != one.submission
    pair, *others = similar([*honest(20, 1), one, other])
    assert not others
    assert (pair.first, pair.second) == (one, other)
    assert pair.blanks == tuple(sorted(BLANKS[name].number for name in OWN))
    assert not pair.answers


def test_a_copy_of_a_part_scores_less() -> None:
    part = {name: OWN[name] for name in [*OWN][:5]}
    crowd = honest(40, 2)
    (whole,) = similar([*crowd, student("ada/gan.py", OWN), student("bob/gan.py", OWN)])
    (half,) = similar([*crowd, student("ada/gan.py", OWN), student("bob/gan.py", part)])
    assert half.score < whole.score
    assert len(half.blanks) == 5


def test_hardly_any_pair_of_a_class_that_works_alone_is_listed() -> None:
    listed = [bool(similar(honest(40, seed))) for seed in range(10)]
    assert sum(listed) <= 1


def test_right_files_are_not_similar_for_being_right() -> None:
    formatted = {
        "data-range": "reals = images.float()/127.5 - 1  # to [-1, 1]",
        "g-first": "nn.Linear(input_dim, hidden_dim)",
    }
    for count in (2, 3, 12):
        crowd = [student(f"s{number}/gan.py", formatted if number % 2 else {}) for number in range(count)]
        assert similar(crowd) == []


def test_what_the_class_has_in_common_is_no_trace_of_two() -> None:
    assert similar([student(f"s{number}/gan.py", OWN, {"Q1": ANSWERS[0]}) for number in range(12)]) == []


def test_two_files_need_much_in_common() -> None:
    part = {name: OWN[name] for name in [*OWN][:3]}
    assert files(similar([student("ada/gan.py", OWN), student("bob/gan.py", renamed(OWN))])) == [("ada", "bob")]
    assert similar([student("ada/gan.py", part), student("bob/gan.py", part)]) == []
    assert similar([student("ada/gan.py", OWN), student("bob/gan.py", {})]) == []
    assert similar([student("ada/gan.py", OWN)]) == []
    assert similar([]) == []


@pytest.mark.parametrize("text", ANSWERS)
@pytest.mark.parametrize("count", [0, 40])
def test_an_answer_word_for_word_is_found(text: str, count: int) -> None:
    two = [student("ada/gan.py", {}, {"Q1": text}), student("bob/gan.py", {}, {"Q1": f"{text} So it is."})]
    (pair,) = similar([*honest(count, 3), *two])
    assert (pair.first.file, pair.second.file) == (Path("ada/gan.py"), Path("bob/gan.py"))
    assert pair.answers == {"Q1": 1.0}
    assert pair.blanks == ()


def test_a_question_repeated_is_no_answer_in_common() -> None:
    question = GAN.questions[0]
    repeated = {question.name: f"{question.text.en} I do not know."}
    assert similar([student("ada/gan.py", {}, repeated), student("bob/gan.py", {}, repeated)]) == []


def test_comments_word_for_word_are_found() -> None:
    comments = ("# the real ones get a one here", "# and the fake ones a nothing", "# 这里的梯度必须经过判别器")
    said = {
        name: f"{SOLUTIONS[name]} {comment}"
        for name, comment in zip(("real-loss", "d-step", "g-loss"), comments, strict=True)
    }
    (pair,) = similar([*honest(12, 4), student("ada/gan.py", said), student("bob/gan.py", said)])
    assert pair.comments == tuple(sorted(comment.removeprefix("# ") for comment in comments))


def test_only_files_of_the_same_assignment_are_compared() -> None:
    other = student("bob/wgan.py", OWN)
    wgan = Graded(other.file, other.submission, Assignment.get("wgan"), ())
    assert similar([student("ada/gan.py", OWN), wgan, unreadable("eve/gan.ipynb")]) == []


def test_code_that_is_no_python_is_compared_too() -> None:
    broken = {name: f'{text}\n)) \'\' """ \\' for name, text in OWN.items()}
    assert files(similar([*honest(12, 5), student("ada/gan.py", broken), student("bob/gan.py", broken)])) == [
        ("ada", "bob")
    ]


def test_a_large_class_takes_seconds() -> None:
    crowd = honest(300, 6)
    begun = time.process_time()
    similar(crowd)
    assert time.process_time() - begun < 20  # 2 s on a machine with nothing else to do


# ---- pages

HOSTILE = "<script>alert('x')</script>\"&"


def unreadable(file: str) -> Graded:
    return Graded(Path(file), None, None, (), f"/home/teacher/class/{file} cannot be read: <script>")


@pytest.fixture
def graded() -> list[Graded]:
    """A small class in both languages, with hostile texts, a pair, and a file that cannot be read."""
    swapped: dict[str, tuple[State, str | None]] = {"real-loss": ("mistake", "labels-swapped")}
    return [
        student("ada/gan.py", OWN, {"Q1": ANSWERS[0]}),
        student("ada/gan.ipynb", renamed(OWN), {"Q1": ANSWERS[0]}),
        student("a<b>/<script>.py", {"real-loss": HOSTILE}, {"Q1": HOSTILE}, "en", swapped),
        student("方/gan.py", {"real-loss": "real_loss = 0"}, {"Q1": "因为对抗。"}, "zh", swapped),
        student("gus/gan.py", {"g-step": "..."}, {}, "en", {"g-step": ("empty", None), "d-step": ("wrong", None)}),
        unreadable("lost.ipynb"),
    ]


@pytest.fixture(params=LANGUAGES)
def written(request: pytest.FixtureRequest, graded: list[Graded], tmp_path: Path) -> Path:
    return pages.write_all(graded, tmp_path / "pages", request.param).parent


class Reading(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


def shown(html: str) -> str:
    """What one reads, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL))


def test_each_file_has_its_page_and_links_lead_there(written: Path) -> None:
    names = {path.name for path in (written / "feedback").iterdir()}
    assert names == {"ada-gan.html", "ada-gan-2.html", "a-b-script.html", "方-gan.html", "gus-gan.html", "lost.html"}
    for path in written.rglob("*.html"):
        reading = Reading(path.read_text("utf-8"))
        ids = reading.all("id")
        assert len(ids) == len(set(ids))
        for link in reading.all("href"):
            place, _, anchor = link.partition("#")
            assert (path.parent / unquote(place)).is_file() or not place
            assert not anchor or anchor in ids
    linked = Reading((written / "index.html").read_text("utf-8")).all("href")
    assert {unquote(link).removeprefix("feedback/") for link in linked if link.startswith("feedback/")} == names


def test_pages_need_no_network_and_run_nothing_of_a_student(written: Path) -> None:
    for path in written.rglob("*.html"):
        html = path.read_text("utf-8")
        reading = Reading(html)
        assert not re.search(r"https?://|//[a-z]+\.", html)
        assert not reading.all("src")
        assert [tag for tag, _ in reading.tags].count("script") == 1
        assert not [name for _, attributes in reading.tags for name in attributes if name.startswith("on")]
        (policy,) = [
            each["content"] for tag, each in reading.tags if each.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy.startswith("default-src 'none'")
        assert "script-src 'sha256-" in policy
        assert "alert('x')" not in html
        assert "/home/teacher" not in html


def test_a_student_sees_first_what_to_mend(graded: list[Graded], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    pages.write_feedback(graded[2], page)
    html = page.read_text("utf-8")
    text = shown(html)
    assert "GAN: 22 of 23 points" in text
    assert "22 of 23 blanks are right." in text
    number = BLANKS["real-loss"].number
    assert f"ganatomy lab hint &#39;&lt;script&gt;.py&#39; {number}" in text
    assert "labels-swapped." in text
    assert text.index("labels-swapped") < text.index("Right: 22 blanks")
    assert "&lt;script&gt;alert(" in html
    assert not re.search(r"<details[^>]* open", html)
    assert SOLUTIONS["real-loss"].splitlines()[-1] not in text


def test_a_student_reads_the_language_of_the_file(graded: list[Graded], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    pages.write_feedback(graded[3], page, "en")
    html = page.read_text("utf-8")
    assert '<html lang="zh-CN"' in html
    assert "需要修改" in html
    assert GAN.mistake(BLANKS["real-loss"], "labels-swapped").zh in html
    assert "blanks are right" not in html
    assert "因为对抗。" in html


def test_a_complete_file_has_nothing_to_mend(graded: list[Graded], tmp_path: Path) -> None:
    pages.write_feedback(graded[0], tmp_path / "page.html")
    text = shown((tmp_path / "page.html").read_text("utf-8"))
    assert "All 23 blanks are right." in text
    assert "To mend" not in text
    assert "ganatomy lab hint" not in text


@pytest.mark.parametrize(("language", "said"), [("en", "cannot be read"), ("zh", "无法检查")])
def test_a_file_that_cannot_be_read_is_told_to_both(
    language: Language, said: str, graded: list[Graded], tmp_path: Path
) -> None:
    index = pages.write_all(graded, tmp_path, language)
    assert said in (tmp_path / "feedback" / "lost.html").read_text("utf-8")
    assert "lost.ipynb cannot be read: &lt;script&gt;" in index.read_text("utf-8")


def test_the_class_is_told_what_it_got_wrong(graded: list[Graded], tmp_path: Path) -> None:
    text = shown(pages.write_all(graded, tmp_path, "en").read_text("utf-8"))
    assert "Files 5 Mean 22.2 of 23 points Median 22 of 23 points All points 2 of 5" in text
    assert GAN.mistake(BLANKS["real-loss"], "labels-swapped").en.split(".")[0] in text
    assert "2 of 5" in text
    assert "3 right 2 labels-swapped" in text
    assert "4 right 1 another error" in text
    assert "4 right 1 not filled in" in text
    assert "This is no judgement" in text
    assert re.search(r"ada/gan\.py · ada/gan\.ipynb", text)
    assert "Q1: 100 % of the shorter answer" in text


def test_answers_stand_below_their_question_and_model_answer(written: Path) -> None:
    html = (written / "answers.html").read_text("utf-8")
    first, *others = html.split("<section ")[1:]
    assert len(others) == len(GAN.questions) - 1
    answer = GAN.questions[0].answer
    assert answer is not None
    assert answer.en[:40] in first or answer.zh[:20] in first
    assert "&lt;script&gt;alert(" in first
    assert "因为对抗。" in first
    assert "gus/gan.py" in first
    assert all(ANSWERS[0] not in each for each in others)


def test_names_of_pages_are_safe_and_differ() -> None:
    names = [
        "ada/gan.py",
        "ada/gan.ipynb",
        "Ada/GAN.py",
        "ada-gan.py",
        "../x.py",
        "con.py",
        "?.py",
        "a b/c'd.py",
        "名" * 90 + ".py",
    ]
    found = pages.page_names([Path(name) for name in names])
    assert [*found.values()][:7] == [
        *("ada-gan.html", "ada-gan-2.html", "Ada-GAN-3.html", "ada-gan-4.html", "x.html", "file-con.html", "file.html")
    ]
    assert all(re.fullmatch(r"[\w-][\w.-]*\.html", name) and len(name.encode()) < 100 for name in found.values())


def test_an_empty_class_has_pages(tmp_path: Path) -> None:
    index = pages.write_all([unreadable("lost.ipynb")], tmp_path, "en")
    assert "Files that could not be checked" in index.read_text("utf-8")
    assert "No file has questions" in (tmp_path / "answers.html").read_text("utf-8")


def test_each_assignment_has_its_part(graded: list[Graded], tmp_path: Path) -> None:
    wgan = Assignment.get("wgan")
    texts = {blank.number: Filling(blank.solution) for blank in wgan.document.blanks}
    verdicts = [
        Verdict(each.number, each.name, 2, "passed", Words("right", "正确"), credit=1) for each in wgan.document.blanks
    ]
    one = Graded(Path("ada/work.ipynb"), Submission("wgan", "en", texts), wgan, verdicts)
    index = pages.write_all([*graded, one], tmp_path, "en")
    text = shown(index.read_text("utf-8"))
    assert "ada/work.ipynb WGAN 60 of 60 30 of 30" in text
    assert "No blank has a mistake." in text
    assert "GAN Q1" in shown((tmp_path / "answers.html").read_text("utf-8"))


@pytest.mark.slow
def test_a_class_is_graded_and_written(tmp_path: Path) -> None:
    for name, language in (("ada", "en"), ("fang", "zh")):
        file = starting.start("gan", tmp_path / "class" / name, language, "py")  # type: ignore[arg-type]
        first = BLANKS["data-range"]
        text = file.read_text("utf-8").replace(first.placeholder, "reals = images.float() / 255", 1)
        file.write_text(text, "utf-8")
    (tmp_path / "class" / "lost.ipynb").write_text("{")
    graded = grading.grade(tmp_path / "class", None, 1, lambda _: None)
    index = pages.write_all(graded, tmp_path / "pages", "en")
    assert "2 zero-one" in shown(index.read_text("utf-8"))
    assert "未填写" in (tmp_path / "pages" / "feedback" / "fang-gan.html").read_text("utf-8")
    assert str(tmp_path) not in index.read_text("utf-8")
