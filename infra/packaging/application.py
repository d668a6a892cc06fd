"""Chalice's own packaging, in a copy of the project: the application's files and the template.

The copy has no requirements: what they stand for is fetched apart and kept (`dependencies.py`), and nothing that
Chalice does is left over from one time to the next.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from infra.packaging.refused import Refused
from infra.packaging.target import Target

STAGE = "dev"
"""One of .chalice/config.json. Which one makes no difference to a template that is for every stage."""
COMMAND = "from chalice.cli import main; main()"
ENVIRONMENT = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "PYTHONDONTWRITEBYTECODE": "1"}
"""Chalice wants a region and writes it nowhere: the template is for all of them."""
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, kw_only=True)
class Packaged:
    """What Chalice made: where the application's files are, and the template."""

    files: Path
    template: dict[str, Any]


def packaged(project: Path, target: Target, additions: Mapping[str, Any], work: Path) -> Packaged:
    """The application and its template, in a folder to work in. `additions` is merged into the template."""
    copy = work / "project"
    _copy(project, copy, target)
    merged = work / "additions.json"
    merged.write_text(json.dumps(additions), encoding="utf-8")
    command = [sys.executable, "-c", COMMAND, "--project-dir", str(copy), "package", "--stage", STAGE]
    command += ["--merge-template", str(merged), str(work / "made")]
    environment = ENVIRONMENT | {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"chalice package failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    files = work / "application"
    with ZipFile(work / "made" / "deployment.zip") as archive:
        archive.extractall(files)
    template = json.loads((work / "made" / "sam.json").read_text(encoding="utf-8"))
    return Packaged(files=files, template=template)


def _copy(project: Path, copy: Path, target: Target) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "deployments", "deployed")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(project / name, copy / name, ignore=ignored)
    shutil.copy(project / "app.py", copy / "app.py")
    (copy / "requirements.txt").touch()
    config = copy / ".chalice" / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(settings | {"lambda_architecture": target.architecture}), encoding="utf-8")
