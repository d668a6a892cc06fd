"""Places: where in a file something stands, and what is wrong there, in a sentence that names both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""The way to a value: keys of objects, indexes of lists."""


class Unreadable(Exception):
    """A file that cannot be read as it is meant. Its text is one sentence for each thing that is wrong."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What a file holds, and on which line each part of it begins."""

    file: str
    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def where(self, path: Path = ()) -> str:
        """The file, and the line where the nearest known part begins.

        >>> Placed(file="a.yaml", value={}, lines={(): 1, ("tasks", 0): 3}).where(("tasks", 0, "name"))
        'a.yaml:3'
        """
        known = next((path[:end] for end in range(len(path), -1, -1) if path[:end] in self.lines), None)
        return self.file if known is None else f"{self.file}:{self.lines[known]}"

    def value_at(self, path: Path) -> Any:
        """The value at a place that there is."""
        value = self.value
        for step in path:
            value = value[step]
        return value

    def wrong(self, path: Path, sentence: str) -> Unreadable:
        """The error that something is wrong at a place."""
        return Unreadable(f"{self.where(path)}: {sentence}")


def path_of(pointer: str) -> Path:
    """The way that a JSON pointer tells.

    >>> path_of("/exclude/0/from"), path_of("/env/a~1b")
    (('exclude', 0, 'from'), ('env', 'a/b'))
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isascii() and part.isdigit() else part for part in parts)
