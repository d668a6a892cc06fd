"""The local stack keeps secrets, and has them again in its next life."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import botocore.session
import pytest

from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.settings import Settings
from infra.local import engines
from infra.local.choices import Engine
from infra.local.standins import lambdas
from tests.infra.conftest import choices

READING = {"ssm:GetParameters"}
MAY = {
    "policy-api": {"ssm:PutParameter", "ssm:DeleteParameter", "ssm:GetParametersByPath"},
    "policy-light": READING,
    "policy-urgent": READING,
    "policy-commands": READING,
}
Secrets = Callable[[str], SsmSecrets]


@pytest.fixture
def secrets_at(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """The adapter that is deployed, asking a given endpoint."""

    def adapter(endpoint: str) -> SsmSecrets:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        return SsmSecrets(Settings(), session=botocore.session.Session())

    return adapter


@pytest.mark.parametrize("engine", [Engine.MOTO, Engine.MINISTACK])
def test_secrets_outlive_a_stack_that_is_stopped(tmp_path: Path, secrets_at: Secrets, engine: Engine) -> None:
    running = engines.launch(choices(tmp_path, engine=engine))
    try:
        secrets = secrets_at(running.endpoint)
        for n in range(12):
            secrets.put("ann", f"key{n:02d}", f"value {n}")
        secrets.put("ann", "key00", "{{ new }}")
        secrets.put("bob", "key00", "of bob")
        secrets.delete("ann", "key01")
        before = secrets.names("ann")
    finally:
        running.stop()
    running = engines.launch(choices(tmp_path, engine=engine))
    try:
        secrets = secrets_at(running.endpoint)
        assert [kept.name for kept in secrets.names("ann")] == [kept.name for kept in before]
        assert len(before) == 11
        assert secrets.values("ann", ["key00", "key01", "key02"]) == {"key00": "{{ new }}", "key02": "value 2"}
        secrets.put("ann", "key02", "another")
        assert secrets.values("ann", ["key02"]) == {"key02": "another"}
    finally:
        running.stop()


def test_a_secret_is_kept_before_its_write_is_answered(tmp_path: Path, secrets_at: Secrets) -> None:
    running = engines.launch(choices(tmp_path))
    secrets = secrets_at(running.endpoint)
    secrets.put("ann", "key", "value")
    before = secrets.names("ann")
    assert running.process is not None
    running.process.kill()
    running.stop()
    running = engines.launch(choices(tmp_path))
    try:
        assert secrets_at(running.endpoint).names("ann") == before
    finally:
        running.stop()
    assert (tmp_path / "moto-local").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("file", sorted(lambdas.CONFIG.parent.glob("policy-*.json")), ids=lambda file: str(file.stem))
def test_only_the_api_writes_secrets_and_only_workers_read_them(file: Path) -> None:
    statements = json.loads(file.read_text(encoding="utf-8"))["Statement"]
    found = [one for one in statements if any(action.startswith("ssm:") for action in one["Action"])]
    assert {action for one in found for action in one["Action"]} == MAY.get(file.stem, set())
    assert all(one["Resource"] == "arn:aws:ssm:*:*:parameter/punctual/*/secrets/*" for one in found)


def test_a_system_that_is_built_keeps_secrets_in_parameter_store() -> None:
    built = bootstrap.build(Settings())
    assert isinstance(built.secrets.secrets, SsmSecrets)
    assert built.catalog.secrets is built.worker.revealing.secrets is built.secrets.secrets
