"""The dependencies of a package: what requirements.txt lists, as wheels for the target, fetched once and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from infra.packaging.refused import Refused
from infra.packaging.target import Target

FORMAT = "1"
"""Changes when the folder is to be filled in another way, so that an older one is not used."""


def folder(requirements: Path, target: Target, cache: Path) -> Path:
    """A folder with every dependency in it. One that was filled for the same lock and the same target is used again."""
    wanted = cache / f"{target.version}-{target.architecture}-{_fingerprint(requirements)}"
    if wanted.is_dir():
        return wanted
    cache.mkdir(parents=True, exist_ok=True)
    filled = Path(tempfile.mkdtemp(prefix="filling-", dir=cache))
    try:
        _fill(filled, requirements, target)
        with suppress(OSError):  # another process was faster
            filled.rename(wanted)
    finally:
        shutil.rmtree(filled, ignore_errors=True)
    return wanted


def _fingerprint(requirements: Path) -> str:
    return hashlib.sha256(FORMAT.encode() + requirements.read_bytes()).hexdigest()[:16]


def _fill(filled: Path, requirements: Path, target: Target) -> None:
    platforms = [option for platform in target.platforms for option in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    # Wheels only, and only those that the lock names: nothing is compiled here, for this machine's processor.
    command += ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation", "cp", "--python-version"]
    command += [target.version, *platforms, "--target", str(filled), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONUTF8": "1"})
    if done.returncode:
        raise Refused(
            f"The dependencies for Python {target.version} on {target.architecture} could not be fetched: "
            + _reason(done.stderr)
        )


def _reason(said: str) -> str:
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    return errors[-1] if errors else "pip gave no reason"
