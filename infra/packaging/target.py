"""What a package is made for: a processor, and the Python that Lambda runs it with."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from infra.packaging.refused import Refused

ARM, X86 = "arm64", "x86_64"
MACHINES = {ARM: "aarch64", X86: "x86_64"}
"""Each architecture of Lambda, as wheels and libraries name it."""
OLDEST_GLIBC, AMAZON_LINUX_2, AMAZON_LINUX_2023 = 5, 26, 34
"""Minor versions of glibc 2: the oldest that wheels are made for, and those that Lambda's systems have."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """An architecture of Lambda, and a version of Python: that of this process, for Chalice deploys for no other."""

    architecture: str
    python: tuple[int, int] = sys.version_info[:2]

    def __post_init__(self) -> None:
        if self.architecture not in MACHINES:
            raise Refused(f"ARCHITECTURE must be {' or '.join(MACHINES)}, not {self.architecture!r}.")

    @property
    def machine(self) -> str:
        """The processor, as wheels and libraries name it."""
        return MACHINES[self.architecture]

    @property
    def version(self) -> str:
        """The version of Python, like 3.11."""
        return ".".join(map(str, self.python))

    @property
    def abi(self) -> str:
        """What compiled code for this Python has in its name, like cpython-311."""
        return "cpython-" + "".join(map(str, self.python))

    @property
    def platforms(self) -> list[str]:
        """The tags of wheels that run there, newest first."""
        newest = AMAZON_LINUX_2 if self.python < (3, 12) else AMAZON_LINUX_2023
        tags = [f"manylinux_2_{minor}_{self.machine}" for minor in range(newest, OLDEST_GLIBC - 1, -1)]
        return [*tags, f"manylinux2014_{self.machine}"]
