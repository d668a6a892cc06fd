"""The methods of dataclasses, compiled when the package was made instead of at every start.

`dataclass` writes the source of six methods for each class and compiles them: a fifth of a worker's start. In the
package a file beside this one (`infra/packaging/prepared.py` makes it) has them compiled, by module and by the very
source: a Python whose `dataclass` writes another source compiles that, as it does where there is no such file.
"""

from __future__ import annotations

import dataclasses
import marshal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

NAME = f"methods.{sys.implementation.cache_tag}.bin"
"""Byte-code is of one version of Python, as that of modules is."""


@contextmanager
def prepared_methods(folder: Path = Path(__file__).parent) -> Iterator[None]:
    """Until this is left, dataclasses that are made take their methods from what is prepared in a folder."""
    prepared = _read(folder / NAME)

    def run(source: str, names: dict[str, Any], into: dict[str, Any]) -> None:
        """In place of `exec`, as `dataclasses` calls it."""
        module = names.get("__name__", "")
        if isinstance(kept := prepared.get(module, {}), bytes):
            kept = prepared[module] = marshal.loads(kept)
        exec(kept.get(source, source), names, into)

    vars(dataclasses)["exec"] = run
    try:
        yield
    finally:
        del vars(dataclasses)["exec"]


def _read(file: Path) -> dict[str, bytes | dict[str, CodeType]]:
    """What is prepared, by module; each module's is read when it is asked for."""
    if not file.is_file():
        return {}
    found: dict[str, bytes | dict[str, CodeType]] = marshal.loads(file.read_bytes())
    return found
