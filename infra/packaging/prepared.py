"""The methods of our dataclasses, compiled here once: `chalicelib/bootstrap/prepared.py` says what for.

A process that loads the application, with the libraries of this machine, says which sources `dataclass` wrote. They do
not depend on the processor that the package is for.
"""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from chalicelib.bootstrap import prepared
from infra.packaging.refused import Refused

PLACE = Path(*prepared.__name__.split(".")[:-1]) / prepared.NAME
OURS = "chalicelib."
RECORDING = """
import collections, dataclasses, json
written = collections.defaultdict(list)
def record(source, names, into):
    written[names["__name__"]].append(source)
    exec(source, names, into)
dataclasses.exec = record
import app
print(json.dumps(written))
"""
ENVIRONMENT = {"AWS_DEFAULT_REGION": "us-east-1", "STAGE": "dev", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nobody says what the process is for: so it loads what any function does."""
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
WITHOUT_REFERENCES = 2
"""The form of `marshal` whose bytes say only what is written, and nothing about the process that writes it."""


def prepare(application: Path) -> None:
    """Add the file of compiled methods to an application."""
    (application / PLACE).write_bytes(compiled(_written(application)))


def compiled(written: Mapping[str, list[str]], ours: str = OURS) -> bytes:
    """The file, for the sources of each of our modules."""
    by_module = {module: _compiled(sources) for module, sources in sorted(written.items()) if module.startswith(ours)}
    return marshal.dumps(by_module, WITHOUT_REFERENCES)


def _compiled(sources: list[str]) -> bytes:
    return marshal.dumps({source: compile(source, "<dataclass>", "exec") for source in sources}, WITHOUT_REFERENCES)


def _written(application: Path) -> dict[str, list[str]]:
    environment = ENVIRONMENT | {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [sys.executable, "-c", RECORDING]
    done = subprocess.run(command, cwd=application, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"The application cannot be loaded: {done.stderr.strip().splitlines()[-1]}")
    written: dict[str, list[str]] = json.loads(done.stdout)
    return written
