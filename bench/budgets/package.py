"""The deployment package, made as `make package` makes it; and what it takes to load the workers' function from it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.budgets.table import Row, row
from infra.packaging.building import build
from infra.packaging.target import ARM, Target

MB = 1_000_000
OURS = ("name", "value", "unit", "must", "stretch", "ok")


def rows() -> Iterator[Row]:
    """The size for arm64; and what `bench.imports` says, which makes another package for this machine."""
    with tempfile.TemporaryDirectory(prefix="punctual-bench-") as folder:
        target = Target(architecture=ARM)
        size = build(target, into=Path(folder)).archive.stat().st_size
    yield row("deployment package", size / MB, architecture=target.architecture, python=target.version)
    done = subprocess.run([sys.executable, "-m", "bench.imports"], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        said = json.loads(line)
        if said["name"] == "imports of light":
            more = {name: value for name, value in said.items() if name not in OURS}
            yield row(said["name"], said["value"], **more)
        else:
            yield said
