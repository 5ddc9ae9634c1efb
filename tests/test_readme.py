"""The two README files: their commands are real, and say the same."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ganatomy.cli import app
from ganatomy.config import recipe
from ganatomy.data import sources

OWN_LOSS = """
import ganatomy


class WGANGP(ganatomy.Objective):
    penalty: float = 10.0

    def critic_loss(self, critic, batch):
        return {"real": -critic(batch.real).mean(), "fake": critic(batch.fake).mean()}

    def generator_loss(self, critic, batch):
        return {"fake": -critic(batch.fake).mean()}
"""
"""The file that the section on a user's own loss names."""

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def commands(readme: Path) -> list[str]:
    """All `ganatomy ...` lines of the code blocks, comments removed."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [" ".join(line.split()) for line in lines if line.startswith("ganatomy ")]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_is_understood(readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wgan_gp.py").write_text(OWN_LOSS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = commands(readme)
    assert len(found) >= 8
    for command in found:
        _, name, *arguments = shlex.split(command)
        more = ["--dry-run"] if name == "train" else ["--help"]
        result = CliRunner().invoke(app, [name, *arguments, *more])
        assert result.exit_code == 0, (command, result.output, result.exception)


def test_both_languages_have_the_same_commands_and_pictures() -> None:
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    pictures = [re.findall(r"!\[.*?\]\((.*?)\)", readme.read_text(encoding="utf-8")) for readme in READMES]
    assert pictures[0] == pictures[1]
    assert all((ROOT / picture).is_file() for picture in pictures[0])


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_tables_have_every_recipe_and_source(readme: Path) -> None:
    rows = [line for line in readme.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
    assert named == {*recipe.names(), *sources.names()}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", readme.read_text(encoding="utf-8"))
    assert links
    assert all((ROOT / link).exists() for link in links)
