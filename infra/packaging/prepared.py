"""What every start would compile, compiled here once: `chalicelib/bootstrap/prepared.py` says what it is good for.

A process that loads the application, with the libraries of this machine, says which sources `dataclass` wrote and which
patterns were compiled. Neither depends on the processor that the package is for.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib.bootstrap import prepared
from infra.packaging.refused import Refused

PLACE = Path(*prepared.__name__.split(".")[:-1]) / prepared.NAME
OURS = "chalicelib."
Pattern = tuple[str | bytes, int]
"""A pattern and its flags."""
RECORDING = """
import collections, dataclasses, marshal, re, sys
methods, patterns, compiler = collections.defaultdict(list), [], sys.modules["re._compiler"]
def record(source, names, into):
    methods[names["__name__"]].append(source)
    exec(source, names, into)
def compile_pattern(pattern, flags=0, compile_pattern=compiler.compile):
    patterns.append((pattern, flags))
    return compile_pattern(pattern, flags)
re.purge()
dataclasses.exec, compiler.compile = record, compile_pattern
import app
sys.stdout.buffer.write(marshal.dumps((dict(methods), patterns)))
"""
ENVIRONMENT = {"AWS_DEFAULT_REGION": "us-east-1", "STAGE": "dev", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nobody says what the process is for: so it loads what any function does."""
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
WITHOUT_REFERENCES = 2
"""The form of `marshal` whose bytes say only what is written, and nothing about the process that writes it."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a process compiled: sources of methods by the module of their class, and patterns."""

    methods: Mapping[str, list[str]]
    patterns: Iterable[Pattern]


def prepare(application: Path) -> None:
    """Add the file of what is compiled to an application."""
    recorded = _recorded(application)
    ours = {module: sources for module, sources in recorded.methods.items() if module.startswith(OURS)}
    (application / PLACE).write_bytes(file_of(Recorded(methods=ours, patterns=recorded.patterns)))


def file_of(recorded: Recorded) -> bytes:
    """The file with all of it compiled."""
    methods = {module: _dumped(_methods(sources)) for module, sources in sorted(recorded.methods.items())}
    patterns = {pattern: _dumped(_compiled(*pattern)) for pattern in sorted(set(recorded.patterns), key=repr)}
    return _dumped((methods, patterns))


def _methods(sources: list[str]) -> dict[str, Any]:
    return {source: compile(source, "<dataclass>", "exec") for source in sources}


def _compiled(pattern: str | bytes, flags: int) -> list[Any]:
    """What comes of a pattern, as it is handed to `_sre` together with the pattern."""
    handed: list[Any] = []
    kept = prepared.COMPILER["_sre"]
    prepared.COMPILER["_sre"] = SimpleNamespace(**vars(kept) | {"compile": lambda _, *rest: handed.extend(rest)})
    try:
        prepared.COMPILER["compile"](pattern, flags)
    finally:
        prepared.COMPILER["_sre"] = kept
    return [int(handed[0]), [int(code) for code in handed[1]], *handed[2:]]


def _dumped(value: Any) -> bytes:
    return marshal.dumps(value, WITHOUT_REFERENCES)


def _recorded(application: Path) -> Recorded:
    """Without `site`, so that nothing is compiled before, whatever else is installed here."""
    environment = ENVIRONMENT | {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-S", "-c", RECORDING]
    done = subprocess.run(command, cwd=application, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise Refused(f"The application cannot be loaded: {done.stderr.decode().strip().splitlines()[-1]}")
    methods, patterns = marshal.loads(done.stdout)
    return Recorded(methods=methods, patterns=patterns)
