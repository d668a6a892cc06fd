"""The compiled libraries of a package, which run on one processor and one version of Python only."""

from __future__ import annotations

import re
from pathlib import Path

from infra.packaging.refused import Refused
from infra.packaging.target import MACHINES, Target

ELF = b"\x7fELF"
MACHINE_AT = slice(18, 20)
"""Where a library's header says what it runs on."""
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
ABI = re.compile(r"\.(cpython-\d+|abi3)[^/]*\.so$")


def check(folder: Path, target: Target) -> None:
    """Refuse a package with a library that cannot be loaded on the target."""
    for path in sorted(folder.rglob("*.so*")):
        name = path.relative_to(folder).as_posix()
        machine = _machine(path)
        if machine != target.machine:
            raise Refused(
                f"{name} is compiled for {_architecture(machine)}, and the package is for {target.architecture}."
            )
        abi = ABI.search(name)
        if abi and abi[1] not in (target.abi, "abi3"):
            raise Refused(f"{name} is compiled for {abi[1]}, and the package is for Python {target.version}.")


def _machine(path: Path) -> str:
    header = path.read_bytes()[:20]
    if not header.startswith(ELF):
        return "no system that Lambda has"
    number = int.from_bytes(header[MACHINE_AT], "little")
    return ELF_MACHINES.get(number, f"processor {number}")


def _architecture(machine: str) -> str:
    return next((name for name, known in MACHINES.items() if known == machine), machine)
