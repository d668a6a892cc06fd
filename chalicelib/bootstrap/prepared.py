"""What every start would compile, compiled when the package was made: methods of dataclasses, regular expressions.

`dataclass` writes the source of six methods for each class and compiles them; modules compile their patterns. Together
that is a quarter of a worker's start. In the package a file beside this one (`infra/packaging/prepared.py` makes it)
has both compiled, by the very source and by the very pattern and its flags. Whatever it does not have is compiled as
ever: all of it where there is no such file, or where it was made for another Python.
"""

from __future__ import annotations

import dataclasses
import marshal
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

COMPILER = vars(sys.modules[f"{re.__name__}._compiler"])
"""What compiles patterns for `re`. It hands what comes of it to `_sre`, which checks it before it makes a pattern."""
NAME = f"prepared.{sys.implementation.cache_tag}-{COMPILER['MAGIC']}.bin"
"""Both numbers change when the form of what is prepared does: that of byte-code, and that of compiled patterns."""


@contextmanager
def prepared(folder: Path = Path(__file__).parent) -> Iterator[None]:
    """Until this is left, what is compiled is taken from a folder's file, as far as it is there."""
    file = folder / NAME
    if not file.is_file():
        yield
        return
    methods, patterns = marshal.loads(file.read_bytes())
    compile_pattern = COMPILER["compile"]
    vars(dataclasses)["exec"] = _of_methods(methods)
    COMPILER["compile"] = _of_patterns(patterns, compile_pattern)
    try:
        yield
    finally:
        del vars(dataclasses)["exec"]
        COMPILER["compile"] = compile_pattern


def _of_methods(prepared: dict[str, bytes | dict[str, CodeType]]) -> Callable[..., None]:
    """In place of `exec`, as `dataclasses` calls it. What there is of a module is read when it is loaded."""

    def run(source: str, names: dict[str, Any], into: dict[str, Any]) -> None:
        module = names.get("__name__", "")
        of_module = prepared.get(module, {})
        if isinstance(of_module, bytes):
            of_module = prepared[module] = marshal.loads(of_module)
        exec(of_module.get(source, source), names, into)

    return run


def _of_patterns(prepared: Mapping[tuple[Any, int], bytes], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """In place of what compiles a pattern for `re`."""
    make = COMPILER["_sre"].compile

    def compile_pattern(pattern: Any, flags: int = 0) -> Any:
        found = prepared.get((pattern, flags))
        return otherwise(pattern, flags) if found is None else make(pattern, *marshal.loads(found))

    return compile_pattern
