"""Snippets: what makes the same task again, as a command line and as a program."""

from __future__ import annotations

import json
import pprint
import shlex
from typing import Any

from chalicelib.core import task as definitions
from chalicelib.core.task import Definition

PROGRAM = """\
import json
import os
import urllib.request

task = {task}

request = urllib.request.Request(
    os.environ["PUNCTUAL_URL"] + "/api/tasks",
    data=json.dumps(task).encode(),
    headers={{
        "Authorization": f"Token {{os.environ['PUNCTUAL_TOKEN']}}",
        "Content-Type": "application/json",
    }},
)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["id"])
"""


def curl(definition: Definition) -> str:
    """A command line for a POSIX shell. Whatever the task holds, the shell takes it for nothing but text."""
    body = shlex.quote(_json(definitions.to_json(definition)))
    return "\n".join(
        (
            'curl -sS -X POST "$PUNCTUAL_URL/api/tasks" \\',
            '  -H "Authorization: Token $PUNCTUAL_TOKEN" \\',
            "  -H 'Content-Type: application/json' \\",
            f"  --data-binary {body}",
        )
    )


def punctual(definition: Definition) -> str:
    """The command of `sdk/`, for a POSIX shell."""
    return f"printf %s {shlex.quote(_json(definitions.to_json(definition)))} |\n  punctual task create --json -"


def python(definition: Definition) -> str:
    """A program that needs the standard library only."""
    return PROGRAM.format(task=pprint.pformat(definitions.to_json(definition), width=100, sort_dicts=False))


def _json(data: dict[str, Any]) -> str:
    """JSON that a page can show as it is: what has no form in UTF-8 is escaped."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return text if text == text.encode("utf-8", "replace").decode() else json.dumps(data, indent=2)
