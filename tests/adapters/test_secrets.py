"""The contract of secrets, on every adapter; and how Parameter Store keeps them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from chalicelib.adapters.memory import ManualClock, MemorySecrets
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.ports import Secrets
from chalicelib.settings import Settings
from tests.adapters.building import START
from tests.adapters.conftest import STAGES, new_session
from tests.adapters.faults import Faults

SENT = "s3cret-value"


@pytest.fixture
def settings() -> Settings:
    return Settings(stage=f"secrets{next(STAGES)}")


@pytest.fixture(params=["memory", "ssm"])
def secrets(request: pytest.FixtureRequest, session: Session, settings: Settings) -> Secrets:
    """Each adapter of the secrets, empty."""
    return MemorySecrets(ManualClock(START)) if request.param == "memory" else SsmSecrets(settings, session=session)


def names(secrets: Secrets, owner: str) -> list[str]:
    return [kept.name for kept in secrets.names(owner)]


def test_a_value_is_kept_under_its_owner_and_name_until_it_is_deleted(secrets: Secrets) -> None:
    secrets.put("ann", "api-key", "s3cret")
    assert secrets.values("ann", ["api-key", "other"]) == {"api-key": "s3cret"}
    secrets.delete("ann", "api-key")
    secrets.delete("ann", "api-key")
    assert secrets.values("ann", ["api-key"]) == {}
    assert secrets.names("ann") == []


def test_putting_a_value_again_replaces_it(secrets: Secrets) -> None:
    secrets.put("ann", "key", "old value")
    secrets.put("ann", "key", "new")
    assert secrets.values("ann", ["key"]) == {"key": "new"}
    assert names(secrets, "ann") == ["key"]


def test_nobody_has_the_secrets_of_another(secrets: Secrets) -> None:
    secrets.put("ann", "key", "of ann")
    secrets.put("anna", "key", "of anna")
    assert secrets.values("bob", ["key"]) == {}
    assert secrets.values("ann", ["key"]) == {"key": "of ann"}
    secrets.delete("bob", "key")
    assert (names(secrets, "ann"), names(secrets, "bob")) == (["key"], [])


@pytest.mark.parametrize("name", ["../anna/key", "anna/key", "key:1", "", ".", "..", "k" * 65, "ключ", "/key", "key\n"])
def test_no_name_leads_elsewhere(secrets: Secrets, name: str) -> None:
    secrets.put("ann", "key", "of ann")
    secrets.put("anna", "key", "of anna")
    assert secrets.values("ann", [name]) == {}


def test_secrets_are_listed_by_name_with_the_time_of_their_value(secrets: Secrets) -> None:
    begun = datetime.now(UTC)
    wanted = [f"key-{n:02d}" for n in range(25)]
    for name in [*reversed(wanted), "Z", "_", "a.b"]:
        secrets.put("ann", name, "value")
    listed = secrets.names("ann")
    assert [kept.name for kept in listed] == ["Z", "_", "a.b", *wanted]
    assert all(kept.updated_at == START or (kept.updated_at - begun).total_seconds() > -1 for kept in listed)
    assert len(secrets.values("ann", wanted)) == 25


@pytest.mark.parametrize(
    "value",
    ["x", "x" * 4096, "☃" * 1365, "{{ssm:other}}", " blanks ", "base64:e3t4fX0=", "line\nline\n", "{{" + "y" * 4094],
)
def test_a_value_comes_back_as_it_was_given(secrets: Secrets, value: str) -> None:
    secrets.put("ann", "key", value)
    assert secrets.values("ann", ["key"]) == {"key": value}


def test_parameter_store_keeps_them_encrypted_under_stage_and_owner(session: Session, settings: Settings) -> None:
    SsmSecrets(settings, session=session).put("ann", "key", "s3cret")
    [found] = session.create_client("ssm").get_parameters_by_path(Path=f"/punctual/{settings.stage}", Recursive=True)[
        "Parameters"
    ]
    assert (found["Name"], found["Type"]) == (f"/punctual/{settings.stage}/secrets/ann/key", "SecureString")


def failing(operation: str, code: str) -> Session:
    """A session whose calls of an operation fail, with a message that quotes what was sent."""

    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": f"{SENT} is too much"}}, operation)

    session = new_session()
    session.register(f"before-call.ssm.{operation}", fail)
    return session


@pytest.mark.parametrize("operation", ["PutParameter", "GetParametersByPath", "DeleteParameter", "GetParameters"])
def test_a_store_that_refuses_is_unavailable_and_nothing_is_quoted(
    session: Session, settings: Settings, operation: str
) -> None:
    secrets = SsmSecrets(settings, session=failing(operation, "ThrottlingException"))
    calls: dict[str, Callable[[], object]] = {
        "PutParameter": lambda: secrets.put("ann", "key", SENT),
        "GetParametersByPath": lambda: secrets.names("ann"),
        "DeleteParameter": lambda: secrets.delete("ann", "key"),
        "GetParameters": lambda: secrets.values("ann", ["key"]),
    }
    with pytest.raises(Unavailable) as refused:
        calls[operation]()
    assert SENT not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("code", ["ParameterLimitExceeded", "ParameterMaxVersionLimitExceeded"])
def test_a_store_that_is_full_is_a_conflict(session: Session, settings: Settings, code: str) -> None:
    with pytest.raises(Conflict, match="full"):
        SsmSecrets(settings, session=failing("PutParameter", code)).put("ann", "key", "s3cret")


def test_ten_values_are_one_request_and_an_attempt_does_not_wait_for_long(session: Session, settings: Settings) -> None:
    faults = Faults(new_session())
    secrets = SsmSecrets(settings, session=faults.session)
    secrets.values("ann", [f"k{n}" for n in range(10)])
    assert faults.count("GetParameters") == 1
    config = secrets._clients.get("ssm").meta.config
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    assert longest <= 10
