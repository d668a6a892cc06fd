"""What is compiled when the package is made: used where it fits, and only there."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from chalicelib.bootstrap.prepared import NAME, prepared
from infra.packaging.prepared import Pattern, Recorded, file_of

STARTING = """
import json, re, sys
sys.path.insert(0, sys.argv[1])
compiled = []
sys.addaudithook(lambda event, about: compiled.append(str(about[0])) if event == "compile" else None)
compiler, parsed = sys.modules["re._compiler"], []
parse = compiler._parser.parse
compiler._parser.parse = lambda pattern, *flags: parsed.append(str(pattern)) or parse(pattern, *flags)
import app
methods = [source for source in compiled if source.startswith(("def __create_fn__", "b'def __create_fn__"))]
print(json.dumps([len(methods), len(parsed)]))
"""
OF_OTHERS = 10
"""Methods of the few dataclasses that libraries have; patterns of what is loaded before anything can be prepared."""
PATTERN = ("(?P<day>[0-9]+)|é+", re.IGNORECASE.value)


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


def prepare(folder: Path, written: list[str], *patterns: Pattern) -> None:
    """Put what is prepared for this module into a folder."""
    (folder / NAME).write_bytes(file_of(Recorded(methods={__name__: written}, patterns=patterns)))


def parsed(make: Callable[[], re.Pattern[Any]], monkeypatch: pytest.MonkeyPatch) -> tuple[re.Pattern[Any], bool]:
    """A pattern, and whether it had to be parsed for that."""
    seen: list[object] = []
    parser = sys.modules["re._parser"]
    parse = vars(parser)["parse"]

    def parse_and_say(pattern: str, *flags: int) -> object:
        seen.append(pattern)
        return parse(pattern, *flags)

    monkeypatch.setattr(parser, "parse", parse_and_say)
    re.purge()
    return make(), bool(seen)


def test_a_function_of_the_package_compiles_next_to_nothing(task: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", STARTING, str(task)],
        env={"_HANDLER": "app.light", "STAGE": "dev", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    methods, patterns = json.loads(done.stdout)
    assert methods <= OF_OTHERS
    assert patterns <= OF_OTHERS


def test_a_class_that_is_made_of_prepared_methods_is_like_any_other(tmp_path: Path) -> None:
    prepare(tmp_path, sources(made))
    with prepared(tmp_path):
        point = made()
    assert compiled_in(point) == "<dataclass>"
    assert (point(1), point(1) == point(x=1, y=2), hash(point(1))) == (point(1, 2), True, hash(point(1, 2)))
    assert repr(point(3)).endswith("Point(x=3, y=2)")
    assert dataclasses.replace(point(1), y=5).y == 5


def test_a_prepared_pattern_is_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, [], PATTERN)
    with prepared(tmp_path):
        pattern, had_to = parsed(lambda: re.compile(*PATTERN), monkeypatch)
    assert not had_to
    match = pattern.fullmatch("12")
    assert match is not None
    assert match.groupdict() == {"day": "12"}
    assert pattern.fullmatch("ÉÉ") is not None
    assert pattern.fullmatch("x") is None
    assert (pattern.pattern, pattern.groups, pattern.flags) == (PATTERN[0], 1, re.IGNORECASE | re.UNICODE)


def test_what_is_prepared_for_another_source_or_pattern_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path, [f"{source}  # of another Python" for source in sources(made)], PATTERN)
    with prepared(tmp_path):
        assert compiled_in(made()) == "<string>"
        pattern, had_to = parsed(lambda: re.compile(PATTERN[0]), monkeypatch)
    assert had_to
    assert pattern.fullmatch("ÉÉ") is None


def test_without_the_file_and_afterwards_everything_is_compiled_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with prepared(tmp_path):
        assert compiled_in(made()) == "<string>"
    prepare(tmp_path, sources(made), PATTERN)
    with prepared(tmp_path):
        pass
    assert compiled_in(made()) == "<string>"
    assert parsed(lambda: re.compile(*PATTERN), monkeypatch)[1]
