"""The methods of dataclasses that are compiled when the package is made: used where they fit, and only there."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from chalicelib.bootstrap.prepared import NAME, prepared_methods
from infra.packaging.prepared import compiled

STARTING = """
import sys
sys.path.insert(0, sys.argv[1])
compiled = []
sys.addaudithook(lambda event, about: compiled.append(about) if event == "compile" else None)
import app
print(sum(str(source).startswith(("def __create_fn__", "b'def __create_fn__")) for source, _ in compiled))
"""
OF_LIBRARIES = 10
"""Methods of the few dataclasses that libraries have, which are compiled at each start."""


def made() -> type[Any]:
    """A dataclass of this module, made anew."""

    @dataclasses.dataclass(frozen=True)
    class Point:
        x: int
        y: int = 2

    return Point


def sources(make: Callable[[], object]) -> list[str]:
    """What `dataclass` writes in the course of something."""
    written: list[str] = []

    def record(source: str, names: dict[str, Any], into: dict[str, Any]) -> None:
        written.append(source)
        exec(source, names, into)

    vars(dataclasses)["exec"] = record
    try:
        make()
    finally:
        del vars(dataclasses)["exec"]
    return written


def compiled_in(point: type[Any]) -> str:
    """Where a class's constructor says that it was compiled."""
    method: Any = point.__init__
    where: CodeType = method.__code__
    return where.co_filename


def prepare(folder: Path, written: list[str]) -> None:
    """Put what is prepared for a module of ours, as if it were this one, into a folder."""
    (folder / NAME).write_bytes(compiled({__name__: written}, ours=__name__))


def test_a_function_of_the_package_compiles_none_of_our_methods(task: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", STARTING, str(task)],
        env={"_HANDLER": "app.light", "STAGE": "dev", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) <= OF_LIBRARIES


def test_a_class_that_is_made_of_prepared_methods_is_like_any_other(tmp_path: Path) -> None:
    prepare(tmp_path, sources(made))
    with prepared_methods(tmp_path):
        point = made()
    assert compiled_in(point) == "<dataclass>"
    assert (point(1), point(1) == point(x=1, y=2), hash(point(1))) == (point(1, 2), True, hash(point(1, 2)))
    assert repr(point(3)).endswith("Point(x=3, y=2)")
    assert dataclasses.replace(point(1), y=5).y == 5


def test_what_is_prepared_for_another_source_is_not_used(tmp_path: Path) -> None:
    prepare(tmp_path, [f"{source}  # of another Python" for source in sources(made)])
    with prepared_methods(tmp_path):
        assert compiled_in(made()) == "<string>"


def test_without_the_file_and_afterwards_everything_is_compiled_as_ever(tmp_path: Path) -> None:
    with prepared_methods(tmp_path):
        assert compiled_in(made()) == "<string>"
    prepare(tmp_path, sources(made))
    with prepared_methods(tmp_path):
        pass
    assert compiled_in(made()) == "<string>"
