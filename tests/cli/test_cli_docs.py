"""Every command and option stands in the reference, and nothing else does."""

from __future__ import annotations

import re

import pytest
import typer

from xianjie.cli import app
from xianjie.settings import REPOSITORY, Settings

REFERENCE = (REPOSITORY / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
SETTINGS = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
_SHARED = {"approve": "refuse"}  # two commands with one table of options, under the second


def commands(command=None, path=()):
    command = command or typer.main.get_command(app)
    if not hasattr(command, "commands"):
        yield " ".join(("xianjie", *path)), command
        return
    for name, below in sorted(command.commands.items()):
        yield from commands(below, (*path, name))


COMMANDS = dict(commands())


def section(name: str) -> str:
    found = re.search(rf"^### `{name}`\n(.*?)(?=^###? |\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    assert found, f"{name} is not in docs/reference/cli.md"
    last = name.rsplit(maxsplit=1)[-1]
    return found.group(1) + (section(name.replace(last, _SHARED[last])) if last in _SHARED else "")


def test_there_are_commands():
    assert len(COMMANDS) > 12


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_documented(name):
    text = section(name)
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            assert f"`{parameter.name.upper()}`" in text, f"{name} {parameter.name}"
            continue
        for option in (*parameter.opts, *parameter.secondary_opts):
            assert f"`{option}" in text, f"{name} {option}"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_knows_help_and_json(name):
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert "--json" in options
    assert COMMANDS[name].help


def test_nothing_is_documented_that_is_not_there():
    assert set(re.findall(r"^### `(.+)`$", REFERENCE, re.MULTILINE)) == set(COMMANDS)
    for name, command in COMMANDS.items():
        known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        tables = re.findall(r"^\| (`-.*?) \|", section(name), re.MULTILINE)
        documented = set(re.findall(r"`(--[a-z-]+)", " ".join(tables)))
        assert documented <= known, name


def test_every_setting_is_documented():
    documented = set(re.findall(r"^\| `(XIANJIE_\w+)` \|", SETTINGS, re.MULTILINE))
    assert documented == {f"XIANJIE_{name.upper()}" for name in Settings.model_fields}
