"""Reading: JSON and YAML as people write it, and nothing that means something else than it looks like.

YAML is read without anchors and aliases (a small file of which can mean terabytes), without tags, and without its own
kind of instants: `at: 2026-12-01T09:00:00Z` stays the text that it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import click
import yaml

from punctual_cli.errors import ExitCode, Failed

LARGEST = 4 * 1024 * 1024
"""Bytes of a file: ten thousand tasks fit in."""
TIMESTAMP = "tag:yaml.org,2002:timestamp"


class Plain(yaml.SafeLoader):
    """YAML of plain values only."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuses what stands for something else."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*name) stands for something else, and is not taken here")
        return super().compose_node(parent, index)


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != TIMESTAMP]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""What a plain text may mean besides itself: all that YAML says, but no instant."""


def document(text: str, name: str) -> Any:
    """The value that a text in YAML or JSON holds; `name` is what it is called where it cannot be read.

    >>> document("at: 2026-12-01T09:00:00Z", "it")
    {'at': '2026-12-01T09:00:00Z'}
    """
    try:
        return yaml.load(text, Plain)  # it has only plain values, as `safe_load` would
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Failed(f"{name} is not YAML: {_told(error)}", ExitCode.REFUSED) from error


def json_file(file: IO[str], name: str) -> dict[str, Any]:
    """The object in a file of JSON."""
    try:
        value = json.loads(_limited(file, name))
    except (ValueError, RecursionError) as error:
        raise Failed(f"{name} is not JSON: {_told(error)}", ExitCode.REFUSED) from error
    if not isinstance(value, dict):
        raise Failed(
            f"{name} has to hold an object of JSON, like what `punctual task show -o json` prints", ExitCode.REFUSED
        )
    return value


def file_document(path: Path) -> Any:
    """What a file of YAML or JSON holds; `-` is standard input."""
    with click.open_file(str(path), encoding="utf-8") as file:
        return document(_limited(file, str(path)), str(path))


def _limited(file: IO[str], name: str) -> str:
    try:
        text = file.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{name} cannot be read: {error}", ExitCode.REFUSED) from error
    if len(text) > LARGEST:
        raise Failed(f"{name} is larger than {LARGEST // 1024 // 1024} MB", ExitCode.REFUSED)
    return text


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return " ".join(str(error).split())
