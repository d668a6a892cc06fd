"""One package, and one account of an emulator's, for all the tests of a process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.functions import registry
from chalicelib.functions.declaring import every
from chalicelib.functions.registry import function
from chalicelib.settings import Settings
from infra.deploy.__main__ import main
from infra.functions.bringing import session_in
from tests.deploy.stacks import building
from tests.deployed.emulator import Emulator

Run = Callable[..., str]


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.package(building.project(tmp_path_factory.mktemp("stacks") / "project"))


@pytest.fixture
def template(packaged: Path) -> building.Template:
    found: building.Template = json.loads((packaged / "template.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An account of the emulator's, by its endpoint."""
    started = Emulator(tmp_path_factory.mktemp("account"), auth=False)
    yield started.endpoint
    assert started.close() == []


@pytest.fixture
def in_code(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a schedule that a function says in the code."""
    monkeypatch.setattr(registry, "_registered", dict(vars(registry)["_registered"]))

    def nightly() -> None: ...

    function(name="nightly_in_code", schedule=every(hours=1))(nightly)
    return "nightly_in_code"


def store_of(stage: str) -> WholeDynamoStore:
    """The store of a stage, as whoever deploys it finds it."""
    return WholeDynamoStore(Settings(stage=stage), session=session_in("us-east-1"))


@pytest.fixture
def run(account: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line of infra.deploy with every question answered; what it prints. It has to end well."""
    environ = {"AWS_ENDPOINT_URL": account, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in {**environ, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "YES": "1"}.items():
        monkeypatch.setenv(name, value)

    def command(*arguments: str, status: int = 0) -> str:
        assert main(arguments) == status, capsys.readouterr().err
        told = capsys.readouterr()
        return told.out if status == 0 else told.err

    return command
