"""From the project to `dist/`: deployment.zip and template.json, the same bytes whenever they are made of the same.

1. The application and the template, as Chalice packages them; what can be compiled beforehand of its dataclasses.
2. The dependencies: fetched for the target, once for each lock; only what is needed of them is copied.
3. Byte-code, and a look at every compiled library.
4. An archive that depends on nothing else.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from infra.packaging import (
    application,
    archive,
    byte_code,
    compiled,
    dependencies,
    described,
    prepared,
    pruning,
    replaced,
    template,
)
from infra.packaging.refused import Refused
from infra.packaging.target import Target

PROJECT = Path(__file__).parents[2]
LARGEST = 6_000_000
"""Bytes of an archive: a cold start fetches and unpacks all of it."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """Where the archive and the template are."""

    archive: Path
    template: Path


def build(
    target: Target, *, into: Path, project: Path = PROJECT, services: Collection[str] = (), cache: Path | None = None
) -> Built:
    """Make the package and its template."""
    built = Built(archive=into / "deployment.zip", template=into / "template.json")
    requirements = project / "requirements.txt"
    fetched = dependencies.folder(requirements, target, cache or project / ".cache" / "packaging")
    with tempfile.TemporaryDirectory(prefix="packaging-") as work:
        made = application.packaged(project, target, template.additions(), Path(work))
        prepared.prepare(made.files)
        fill(made.files, fetched, services)
        byte_code.compile_all(made.files)
        compiled.check(made.files, target)
        archive.write(made.files, built.archive)
        text = json.dumps(template.finished(made.template), indent=2) + "\n"
        built.template.write_text(text, encoding="utf-8")
    size = built.archive.stat().st_size
    if size > LARGEST:
        raise Refused(f"{built.archive} has {size:,} bytes: at most {LARGEST:,} keep cold starts short.")
    return built


def fill(folder: Path, fetched: Path, services: Collection[str]) -> None:
    """Put what is needed of the dependencies beside the application."""
    pruning.copy(fetched, folder)
    replaced.replace(folder)
    described.pack(fetched, folder, services)
