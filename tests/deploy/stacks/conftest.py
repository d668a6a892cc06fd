"""One package for all the tests of a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.stacks import building


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.package(building.project(tmp_path_factory.mktemp("stacks") / "project"))


@pytest.fixture
def template(packaged: Path) -> building.Template:
    found: building.Template = json.loads((packaged / "template.json").read_text(encoding="utf-8"))
    return found
