"""Commands on the form: a line for the shell, or a program with its arguments."""

from __future__ import annotations

from typing import Any

from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, json_of
from chalicelib.web.pages.forms.task.texts import json_line, pairs, variable, variable_text

SHELL, PROGRAM = "shell", "program"
_program = json_of(list, 'write a JSON list of texts, like ["printf", "%s", "a b"]')


def _shown(action: Document) -> dict[str, str]:
    command, env = action["command"], action.get("env") or {}
    shell = isinstance(command, str)
    return {
        "command": command if shell else json_line(command),
        "command_as": SHELL if shell else PROGRAM,
        "env": "\n".join(f"{name}={variable_text(value)}" for name, value in env.items()),
        "stdin": action.get("stdin", ""),
    }


def _read(reader: Reader) -> dict[str, Any]:
    shell = reader.typed["command_as"] != PROGRAM
    stdin = reader.typed["stdin"]
    return {
        "command": reader.typed["command"] if shell else reader.read("command", _program),
        **reader.given("env", "env", _env),
        **({"stdin": stdin} if stdin else {}),
    }


def _env(text: str) -> dict[str, Any]:
    return pairs(text, "=", "is no variable: write one a line, like REGION=eu", variable)


COMMAND = Part(
    empty={"command": "", "command_as": SHELL, "env": "", "stdin": ""},
    labels={"command": "Command", "command_as": "Run as", "env": "Environment", "stdin": "Standard input"},
    fields={"/command": "command", "/env": "env", "/stdin": "stdin"},
    shown=_shown,
    read=_read,
)
