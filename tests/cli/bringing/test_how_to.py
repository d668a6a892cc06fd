"""What the how-tos show is what is said: their files are imported, and their commands answer what stands there.

`HOW_TO=write` puts what is said now into the documents.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from punctual_cli.errors import ExitCode
from punctual_cli.main import main
from tests.cli.bringing.serving import Person
from tests.docs.blocks import DOCS, blocks_of

HOW_TOS = sorted(path.relative_to(DOCS).as_posix() for path in (DOCS / "how-to").glob("*.md"))
TOLD = (ExitCode.DONE, ExitCode.WOULD_CHANGE, ExitCode.NOT_ALL)


def test_there_is_one_for_each_import() -> None:
    assert len(HOW_TOS) == 3


@pytest.mark.parametrize("name", HOW_TOS)
def test_a_how_to_shows_what_is_said(ann: Person, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ann.folder)
    said = ""
    for block in blocks_of(name):
        if block.file is not None:
            Path(block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            said = _said(ann, block.text)
        elif block.language == "text":
            _compare(name, block.text, said)
    assert said
    assert ann.tasks or "--dry-run" in (DOCS / name).read_text(encoding="utf-8")


def _said(ann: Person, text: str) -> str:
    outputs = []
    for line in text.strip().splitlines():
        program, *words = shlex.split(line)
        assert program == "punctual"
        done = ann.says(*words)
        assert done.code in TOLD, done.err
        outputs.append(done.out)
    return "".join(outputs)


def _compare(name: str, shown: str, said: str) -> None:
    if os.environ.get("HOW_TO") == "write":
        path = DOCS / name
        path.write_text(path.read_text().replace(f"```text\n{shown}```", f"```text\n{said}```", 1))
        return
    assert shown == said


@pytest.mark.parametrize("name", [*HOW_TOS])
def test_every_command_that_a_how_to_names_is_there(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    named = [line for block in blocks_of(name) for line in block.text.splitlines() if block.language == "console"]
    for words in _commands(" \n".join([*named, *re.findall(r"`(punctual [^`]*)`", text)])):
        command: click.Command = main
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options


def _commands(text: str) -> Iterator[list[str]]:
    for line in re.findall(r"punctual ([a-z][^\n|`]*)", text):
        yield shlex.split(line)
