"""The code blocks of a document, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block: its language, what it holds, and the file that it is where it is one."""

    language: str
    text: str
    file: str | None


def blocks_of(name: str) -> list[Block]:
    """The blocks of a document of docs/."""
    found = BLOCK.finditer((DOCS / name).read_text(encoding="utf-8"))
    return [Block(language=one["language"], text=one["text"], file=one["file"]) for one in found]
