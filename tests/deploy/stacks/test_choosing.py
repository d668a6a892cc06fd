"""What can be said for a stage, and what is refused with a sentence before AWS is asked anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.__main__ import main
from infra.deploy.account import Refused
from infra.deploy.choosing import choose
from infra.packaging.template import additions


def config(folder: Path, **entry: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({"stages": {"dev": entry}}), encoding="utf-8")
    return path


def chosen(folder: Path, **entry: Any) -> dict[str, str]:
    return choose("dev", config(folder, **entry)).parameters(additions())


def test_a_stage_that_nobody_has_described_is_as_the_defaults_say(tmp_path: Path) -> None:
    values = choose("new", config(tmp_path)).parameters(additions())
    assert (values["Stage"], values["Shards"], values["Concurrency"]) == ("new", "1", "usual")


def test_settings_and_parameters_of_a_stage_are_those_of_its_template(tmp_path: Path) -> None:
    values = chosen(
        tmp_path,
        environment_variables={"STAGE": "dev", "SHARDS": "4"},
        parameters={"Concurrency": "small", "LogDays": 7},
    )
    assert (values["Shards"], values["Concurrency"], values["LogDays"]) == ("4", "small", "7")


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"environment_variables": {"SHARD": "4"}}, "SHARD of the stage dev in config.json is no setting of Punctual."),
        (
            {"environment_variables": {"SHARDS": "many"}},
            "SHARDS must be a whole number from 1 to 1000, not 'many' (the stage dev in config.json).",
        ),
        ({"parameters": {"Size": "big"}}, "The stage dev chooses Size, which the template does not have."),
        ({"parameters": {"Concurrency": "big"}}, "Concurrency must be one of small, usual, large, not 'big'."),
        (
            {"parameters": {"Architecture": "x86_64"}},
            "The package was built for arm64, and the stage dev chooses x86_64: say ARCHITECTURE=x86_64 to make.",
        ),
        ({"parameters": {"ApiBurst": "0"}}, "ApiBurst must be a whole number from 1 to 5000, not '0'."),
    ],
)
def test_what_cannot_be_chosen_is_refused_by_name(entry: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        chosen(tmp_path, **entry)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("verb", ["deploy", "destroy", "before", "after"])
@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ("", "Which stage? Say STAGE=dev, for example."),
        ("Dev", "STAGE must be lower-case letters, digits and dashes, 31 at most, a letter first, not 'Dev'."),
        ("local", "STAGE must not be local, nor end in -data: those names have a meaning of their own."),
        ("x-data", "STAGE must not be local, nor end in -data: those names have a meaning of their own."),
    ],
)
def test_a_stage_that_cannot_be_is_refused(
    verb: str, stage: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, "--stage", stage]) == 2
    assert capsys.readouterr().err == f"{sentence}\n"


def test_a_package_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--stage", "dev", "--folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}/deployment.zip is missing: say `make package` first.\n"


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No credentials, no region, and an answer to every question."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("YES", "1")
    return monkeypatch


def test_without_a_region_nothing_is_asked(nobody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy", "--stage", "dev"]) == 2
    assert capsys.readouterr().err == "No region is chosen: set AWS_REGION.\n"


def test_without_credentials_nothing_is_asked(nobody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    nobody.setenv("AWS_REGION", "eu-west-1")
    assert main(["destroy", "--stage", "dev"]) == 2
    assert capsys.readouterr().err == "No AWS credentials were found: log in, or set AWS_PROFILE.\n"


def test_an_account_that_does_not_answer_is_one_sentence(
    nobody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        nobody.setenv(name, "test")
    nobody.setenv("AWS_REGION", "eu-west-1")
    nobody.setenv("AWS_MAX_ATTEMPTS", "1")
    nobody.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(["destroy", "--stage", "dev"]) == 2
    assert capsys.readouterr().err.startswith("AWS could not be asked: Could not connect")


def test_where_nobody_can_be_asked_nothing_is_begun(
    nobody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody.delenv("YES")
    assert main(["destroy", "--stage", "dev"]) == 2
    assert capsys.readouterr().err == "Nobody is here to be asked: say YES=1 to go on without.\n"
