"""What goes into a hand-in, gathered from a student's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab.assignments import checking
from ganatomy.lab.assignments.assignment import NAMES, Assignment, Question
from ganatomy.lab.assignments.course import NAME, SETTINGS, Course
from ganatomy.lab.assignments.submission import HEAD, Submission, code_of, language_of
from ganatomy.lab.assignments.verdict import Verdict
from ganatomy.lab.handin import pasted
from ganatomy.lab.handin.code import Change, Code
from ganatomy.lab.handin.pasted import Pasted
from ganatomy.lab.handin.trained import Trained
from ganatomy.runs.run import Run
from ganatomy.words import Language

REPORT = "hand-in"
RUNS = "runs"


@dataclass(frozen=True)
class Answer:
    """A question and what the student wrote."""

    question: Question
    text: str
    """Markdown; empty where there is none."""
    pictures: Mapping[str, Pasted | None] = field(default_factory=dict)
    """{source as the text names it: the picture}; None where it cannot be had."""


@dataclass(frozen=True)
class System:
    """One of the three assignments as the student did it."""

    name: str
    file: Path | None = None
    others: tuple[Path, ...] = ()
    """Older files of the same assignment, which are left out."""
    error: str = ""
    """Why the file cannot be checked."""
    submission: Submission | None = None
    assignment: Assignment | None = None
    verdicts: tuple[Verdict, ...] = ()
    answers: tuple[Answer, ...] = ()
    runs: tuple[Trained, ...] = ()
    """All, oldest first."""
    reference: Run | None = None
    """ganatomy's own run of the same length, data, batch and seed."""

    @property
    def title(self) -> str:
        return self.name.upper()

    @property
    def complete(self) -> tuple[Trained, ...]:
        """The runs that reached their end."""
        return tuple(each for each in self.runs if each.is_complete)

    @cached_property
    def shown(self) -> Trained | None:
        """The newest run that reached its end, of the file's code where there is one; else the newest.

        A study of settings ends with the file as it was before, and with a newest run that is not of this code.
        """
        mine = self.code
        same = [each for each in self.complete if mine and each.code and not each.code.changes_to(mine)]
        return next(reversed(same or self.complete or self.runs), None)

    @cached_property
    def code(self) -> Code | None:
        """The file's; None where it is damaged."""
        if self.file is None:
            return None
        try:
            return Code.read(self.file)
        except UsageError:
            return None

    @property
    def earned(self) -> float:
        return sum(each.earned for each in self.verdicts)

    @property
    def points(self) -> float:
        return sum(each.points for each in self.verdicts)

    @property
    def asked_epochs(self) -> int | None:
        """As the assignment's training cell has them."""
        if self.assignment is None:
            return None
        lines = (line for cell in self.assignment.document.cells for line in cell.lines)
        return next((int(found[2]) for line in lines if (found := SETTINGS.search(line))), None)

    @cached_property
    def changes(self) -> list[Change] | None:
        """From the code that the shown run was trained with to the file's; None where that is not known."""
        if self.shown is None or self.code is None or self.shown.code is None:
            return None
        return self.shown.code.changes_to(self.code)

    @property
    def is_newer(self) -> bool:
        """Whether the file was saved after the shown run had ended."""
        return self.shown is not None and self.file is not None and self.file.stat().st_mtime > self.shown.ended


@dataclass(frozen=True)
class HandIn:
    """All that a student hands in."""

    folder: Path
    language: Language
    course: str
    """The course's title; empty where it has none."""
    systems: tuple[System, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()
    """(file, why) of notebooks that cannot be read."""

    @property
    def done(self) -> list[System]:
        """The systems with a file."""
        return [each for each in self.systems if each.file is not None]

    @property
    def trained(self) -> list[tuple[System, Trained]]:
        """The systems with a run that can be shown, and that run."""
        return [
            (each, each.shown) for each in self.systems if each.shown is not None and each.shown.picture is not None
        ]


def gather(
    folder: Path, language: Language | None = None, own: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> HandIn:
    """Check the files of the lab in a student's folder or one below it, and read what they recorded.

    Args:
        language: of the report; unset, that of the files.
        own: the teacher's `course.toml`; else the one beside a file, or the folder's.
        say: called with a line where it takes a while.

    Raises:
        UsageError: the folder has no file of the lab, or the course given is wrong.
    """
    course = Course.of(own or folder / NAME, asked=own is not None)
    files: dict[str, list[Path]] = {}
    unreadable = []
    for file in _candidates(folder):
        try:
            head = HEAD.search(code_of(file))
        except UsageError as error:
            if file.suffix == ".ipynb":
                unreadable.append((file, str(error)))
            continue
        if head and head[1] in NAMES:
            files.setdefault(head[1], []).append(file)
    if not files:
        raise UsageError(
            f"{folder} has no file of the lab: .ipynb or .py files that `ganatomy lab start` made; give the folder they are in"
        )
    systems = tuple(_system(name, files.get(name, []), folder, own, say) for name in NAMES)
    first = next(each.file for each in systems if each.file is not None)
    asked: Language = language or language_of(first)
    return HandIn(folder, asked, course.title, systems, tuple(unreadable))


def _candidates(folder: Path) -> Iterator[Path]:
    for pattern in ("*", "*/*"):
        for file in sorted(folder.glob(pattern)):
            hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
            if file.suffix in (".py", ".ipynb") and file.is_file() and not hidden:
                yield file


def _system(name: str, files: list[Path], folder: Path, own: Path | None, say: Callable[[str], None]) -> System:
    if not files:
        return System(name)
    file, *others = sorted(files, key=lambda each: each.stat().st_mtime, reverse=True)
    found = System(name, file, tuple(others), runs=tuple(Trained.all_of(file.parent / RUNS, name)))
    if found.shown is not None:
        found = replace(found, reference=_reference(found.shown, name, file.parent / RUNS))
    say(f"checking {file.relative_to(folder)}")
    place = own or next((each for each in (file.parent / NAME, folder / NAME) if each.is_file()), None)
    try:
        submission = Submission.read(file)
        assignment = Assignment.of(submission, Course() if place is None else Course.read(place))
        verdicts = tuple(checking.check(file, own=place))
    except GanatomyError as error:
        return replace(found, error=str(error))
    answers = tuple(_answers(file, submission, assignment))
    return replace(found, submission=submission, assignment=assignment, verdicts=verdicts, answers=answers)


def _answers(file: Path, submission: Submission, assignment: Assignment) -> Iterator[Answer]:
    attached = pasted.attachments(file)
    for question in assignment.questions:
        text = submission.answers.get(question.name, "").strip()
        pictures = pasted.of(text, file.parent, attached.get(question.name, {}))
        yield Answer(question, text, pictures)


def _reference(shown: Trained, name: str, runs: Path) -> Run | None:
    """ganatomy's run that `ganatomy lab run` trains next to the student's."""
    config = shown.run.config
    ending = f"{config.data.name}-{shown.steps}-{config.train.batch}-s{config.seed}"
    try:
        found = Run(runs / f"reference-{name}-{ending}")
        _ = found.update, found.config
        return found
    except (GanatomyError, OSError):
        return None
