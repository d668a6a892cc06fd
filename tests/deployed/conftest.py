"""The package, an AWS of its own for it, and stages deployed there by `infra.deploy`."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.account import account
from infra.deploy.choosing import Chosen
from infra.deploy.stacks import route, upload
from tests.deployed.emulator import ROOT, Emulator
from tests.deployed.installation import Installation

Deploy = Callable[..., Installation]
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what `make package` makes for this machine."""
    folder = tmp_path_factory.mktemp("package")
    chosen = {"ARCHITECTURE": ARCHITECTURES[platform.machine()], "DIST": str(folder)}
    made = subprocess.run(
        [sys.executable, "-m", "infra.packaging"],
        cwd=ROOT,
        env=os.environ | chosen,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for all tests."""
    started = Emulator(tmp_path_factory.mktemp("ministack"))
    try:
        yield started
    finally:
        left = started.close()
    assert left == []


@pytest.fixture(scope="session")
def deploy(emulator: Emulator, package: Path) -> Deploy:
    """Deploys a stage as `make deploy STAGE=…` does."""

    def deployed(stage: str, folder: Path = package, **values: str) -> Installation:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            for name, value in (emulator.environment() | {"YES": "1"}).items():
                patch.setenv(name, value)
            there = account()
            chosen = Chosen(stage=stage, values=values)
            assert route.deploy(there, chosen, folder, upload.bucket_of(there)) == 0
        return Installation(emulator=emulator, stage=stage, url=address(emulator, chosen))

    return deployed


def address(emulator: Emulator, chosen: Chosen) -> str:
    """What the app stack of a stage gives as its address."""
    [stack] = emulator.client("cloudformation").describe_stacks(StackName=chosen.app_stack)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    return str(outputs["EndpointURL"])


def without(package: Path, folder: Path, role: str, sid: str) -> Path:
    """The same package with one statement less: `sid` of a role, by its logical id, is not in the template."""
    template: dict[str, Any] = json.loads((package / "template.json").read_text(encoding="utf-8"))
    [policy] = template["Resources"][role]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    kept = [statement for statement in statements if statement["Sid"] != sid]
    assert len(kept) == len(statements) - 1
    policy["PolicyDocument"]["Statement"] = kept
    (folder / "deployment.zip").symlink_to(package / "deployment.zip")
    (folder / "template.json").write_text(json.dumps(template), encoding="utf-8")
    return folder
