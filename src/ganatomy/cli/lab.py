"""Commands for who does the lab, and for who gives it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ganatomy.cli.app import AsJson, app, show
from ganatomy.errors import UsageError
from ganatomy.paths import of_user, text
from ganatomy.words import Language

if TYPE_CHECKING:
    from ganatomy.lab.classroom.export.export import Kind

lab = typer.Typer(
    name="lab", help="The lab as an assignment with blanks: do it, hand it in; give it, grade it.", no_args_is_help=True
)
app.add_typer(lab)

File = Annotated[Path, typer.Argument(parser=of_user, metavar="FILE", help="Your notebook or .py file.")]
OfCourse = Annotated[
    Path | None, typer.Option("--course", parser=of_user, metavar="FILE", help="A teacher's course.toml.")
]
InLanguage = Annotated[Language | None, typer.Option("--lang", help="en or zh; unset: the file's.")]


@lab.command()
def start(
    name: Annotated[str, typer.Argument(metavar="NAME", help="gan, dcgan or wgan.")] = "gan",
    language: Annotated[Language, typer.Option("--lang", help="en or zh.")] = "en",
    form: Annotated[
        Literal["notebook", "py"], typer.Option("--format", help="notebook, or the same as a plain Python file: py.")
    ] = "notebook",
    out: Annotated[Path, typer.Option(parser=of_user, metavar="FOLDER", help="Where the file is written.")] = Path(
        "lab"
    ),
    course: OfCourse = None,
    as_json: AsJson = False,
) -> None:
    """Write an assignment with its blanks into a folder."""
    from ganatomy.lab.assignments import command

    _show(command.start(name, out, language, form, course), as_json)


@lab.command()
def check(
    file: File,
    blank: Annotated[int | None, typer.Option(min=1, help="One blank alone.")] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Check each blank alone, even while others are empty: right, empty, or which mistake it is. Exits with 1 unless all are right."""
    from ganatomy.lab.assignments import command

    _show(command.check(file, blank, language), as_json)


@lab.command()
def run(file: File, language: InLanguage = None, as_json: AsJson = False) -> None:
    """Train your own code to its end, and ganatomy's of the same length; scores, pictures and a diagnosis of both."""
    from ganatomy.lab.assignments import command

    _show(command.run(file, language, lambda line: typer.echo(line, err=True)), as_json)


@lab.command()
def hint(
    file: File,
    blank: Annotated[int, typer.Argument(min=1, metavar="BLANK", help="Its number.")],
    strength: Annotated[int, typer.Option(min=1, max=3, help="1: a question; 2: what to use; 3: nearly the code.")] = 1,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """A hint on a blank, stronger if you ask for it."""
    from ganatomy.lab.assignments import command

    _show(command.hint(file, blank, strength, language), as_json)


@lab.command()
def report(
    folder: Annotated[
        Path, typer.Argument(parser=of_user, metavar="FOLDER", help="With your files, and their runs beside them.")
    ] = Path("lab"),
    out: Annotated[
        Path | None, typer.Option(parser=of_user, metavar="FOLDER", help="Where it is written; unset: FOLDER/hand-in.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Yours, for its head.")] = None,
    language: Annotated[Language | None, typer.Option("--lang", help="en or zh; unset: that of the files.")] = None,
    course: OfCourse = None,
    as_json: AsJson = False,
) -> None:
    """Write your hand-in: code, pictures at 0 to 100 %, curves, tuning table and answers; and say what is missing."""
    from ganatomy.lab.assignments.command import Answer
    from ganatomy.lab.handin import reporting

    made = reporting.report(folder, out, language, name, course, lambda line: typer.echo(line, err=True))
    tree = {"files": [str(file) for file in made.paths], "missing": [*made.warnings]}
    lines = [*(f"- {each}" for each in made.warnings), *(f"report: {text(file)}" for file in made.paths)]
    _show(Answer(tree, [*lines, "next: open report.html in a browser"]), as_json)


@lab.command()
def grade(
    folder: Annotated[
        Path, typer.Argument(parser=of_user, metavar="FOLDER", help="With the students' files, in folders or not.")
    ],
    out: Annotated[Path, typer.Option(parser=of_user, metavar="PATH", help="The table.")] = Path("grades.csv"),
    html: Annotated[
        Path | None,
        typer.Option(
            parser=of_user, metavar="FOLDER", help="Pages: the class's, all answers, and one for each student."
        ),
    ] = None,
    course: OfCourse = None,
    language: Annotated[Language, typer.Option("--lang", help="Of the class's pages: en or zh.")] = "en",
    jobs: Annotated[int, typer.Option(min=1, help="Files at a time.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Check all files of a class: a row each with its points and the mistake in each blank, and what is frequent."""
    from ganatomy.lab.classroom import command

    _show(command.grade(folder, out, html, course, language, jobs, lambda line: typer.echo(line, err=True)), as_json)


@lab.command()
def export(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="gan, dcgan, wgan; none: all three.")
    ] = None,
    nbgrader: Annotated[bool, typer.Option("--nbgrader", help="A course folder for nbgrader.")] = False,
    otter: Annotated[bool, typer.Option("--otter", help="Sources for otter assign.")] = False,
    release: Annotated[bool, typer.Option("--release", help="The students' copies.")] = False,
    solution: Annotated[bool, typer.Option("--solution", help="With solutions and model answers.")] = False,
    out: Annotated[Path, typer.Option(parser=of_user, metavar="FOLDER", help="Where the files are written.")] = Path(
        "course"
    ),
    language: Annotated[Language, typer.Option("--lang", help="en or zh.")] = "en",
    course: OfCourse = None,
    as_json: AsJson = False,
) -> None:
    """Write assignments for nbgrader or otter-grader, for your students, or with their solutions."""
    from ganatomy.lab.classroom import command

    flags: dict[Kind, bool] = {"nbgrader": nbgrader, "otter": otter, "release": release, "solution": solution}
    asked = [kind for kind, flag in flags.items() if flag]
    if len(asked) != 1:
        raise UsageError("give one of --nbgrader, --otter, --release and --solution")
    _show(command.export(asked[0], names or [], out, language, course), as_json)


def _show(answer: Any, as_json: bool) -> None:
    show(answer.tree, answer.lines, as_json)
    if not answer.passed:
        raise typer.Exit(1)
