"""Nothing that a user can set or call is undocumented, and what the documents say can be done."""

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tools import pictures

from simsa.cli import main

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py")) + sorted((ROOT / "tools").glob("*.py"))
DOCS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in ROOT.glob("docs/**/*.md")}


def commands(group: click.Group = main, path: tuple[str, ...] = ("simsa",)) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path[-1])
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = COMMANDS[name]
    text = command.get_help(click.Context(command, info_name=name))
    assert command.help
    assert re.search(rf"{name}\b", (command.help or "") + (command.epilog or "")), "no example of its own call"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"
    assert text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_mentioned_in_the_documents(name: str) -> None:
    assert any(name in text for path, text in DOCS.items() if path != "docs/reference/cli.md")


def test_every_setting_is_documented() -> None:
    used = set().union(
        *(re.findall(r"\b(?:SIMSA_[A-Z_]+|DATABASE_URL)\b", path.read_text("utf-8")) for path in SOURCES)
    )
    used |= set(re.findall(r"\bSIMSA_[A-Z_]+\b", (ROOT / "tests/conftest.py").read_text("utf-8")))
    table = (ROOT / "src/simsa/web/site/settings.py").read_text("utf-8").split('"""')[1]
    documented = set(re.findall(r"`([A-Z_]+)`", table + DOCS["docs/reference/settings.md"]))
    assert used - documented == set()
    named = {name for name in documented if name.startswith("SIMSA_")}
    everywhere = "".join(path.read_text("utf-8") for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")])
    assert {name for name in named if name not in everywhere.replace(table, "")} == set()


def test_every_hook_is_documented() -> None:
    hooks = set(re.findall(r'entry-points\."([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8")))
    assert hooks
    assert all(f"`{hook}`" in DOCS["docs/reference/settings.md"] for hook in hooks)


@pytest.mark.parametrize(
    ("source", "page"),
    [("rules/pars*.py", "docs/reference/rules.md"), ("tables/mapping_file/*.py", "docs/reference/round-folder.md")],
)
def test_every_key_of_a_file_format_is_documented(source: str, page: str) -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "src/simsa").glob(source))
    getters = "text|identifier|choice|flag|integer|number|table|tables|texts|take|has|exact"
    keys = set(re.findall(rf'\.(?:{getters})\(\s*"([a-z_]+)"', text))
    assert keys
    assert {key for key in keys if not re.search(rf"\b{key}\b", DOCS[page])} == set()


def test_links_between_documents_lead_somewhere() -> None:
    for path, text in {**DOCS, "README.md": (ROOT / "README.md").read_text("utf-8")}.items():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert ((ROOT / path).parent / target).exists(), f"{path} links to {target}"


@pytest.mark.parametrize("page", [page for page, text in DOCS.items() if ">>> " in text])
def test_computations_in_the_documents_come_out(page: str) -> None:
    done = doctest.testfile(str(ROOT / page), module_relative=False)
    assert done.attempted
    assert not done.failed


def test_pictures_of_the_documents_are_those_that_are_drawn() -> None:
    number = re.compile(r"-?\d+(?:\.\d+)?")
    for file, drawn in pictures.pictures().items():
        here, there = (re.sub(r"\b[td][0-9a-f]{10}\b", "", svg) for svg in (drawn, file.read_text("utf-8")))
        assert number.sub("#", here) == number.sub("#", there)
        # Another processor may round the last digit of a coordinate otherwise.
        assert [float(n) for n in number.findall(here)] == pytest.approx(
            [float(n) for n in number.findall(there)], abs=0.02
        )
