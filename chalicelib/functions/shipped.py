"""The functions that come with Punctual: small ones, to try a schedule with and to look at."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.functions import function


@function
def print_hello(name: str = "world") -> None:
    """Print a greeting."""
    print(f"hello, {name}")


@function
def print_time() -> str:
    """Print the time, in UTC, and return it."""
    now = _now()
    print(now)
    return now


@function
def write_to_file(path: str = "punctual.txt", text: str | None = None) -> dict[str, str | int]:
    """Append a line to a file in the temporary folder: the text given, or else the time. Returns path and size.

    The path is relative to the temporary folder, or absolute and inside it. Each worker of a deployed stage has a
    temporary folder of its own, which goes with it.
    """
    target = _inside_temporary_folder(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    line = (f"written at {_now()}" if text is None else text) + "\n"
    file = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with open(file, "a", encoding="utf-8") as opened:
        opened.write(line)
    return {"path": str(target), "size": target.stat().st_size}


@function
def add(x: float, y: float) -> float:
    """Add two numbers."""
    return x + y


def _inside_temporary_folder(path: str) -> Path:
    folder = Path(tempfile.gettempdir()).resolve()
    target = (folder / path).resolve()
    if target == folder or not target.is_relative_to(folder):
        raise ValueError(f"the path must lead to a file inside {folder}, which {path!r} does not")
    return target


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
