"""`python -m infra.backup`: one sentence and an exit status, whatever it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.session import Session
from moto import mock_aws

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.logs import LOGGER
from chalicelib.settings import Settings
from infra.backup.__main__ import main
from tests.adapters.conftest import new_session
from tests.backup.moving import filled
from tests.backup.test_restore import create_tables


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(
        [sys.executable, "-m", "infra.backup", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=known | environ,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr


def export_of(folder: Path, verb: str) -> Path:
    """A file to export to, which is not there, or one to import."""
    file = folder / verb
    if verb == "import":
        file.write_text('{"punctual_export":1,"stage":"x"}\n{"end":{}}\n')
    return file


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert "cannot be read" in sentence(run("import", "--stage", "x", "--file", str(tmp_path / "none")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no export"),
        ("hello\n", "is no export"),
        ('{"punctual_export":99,"stage":"x"}\n', "format 99"),
        ('{"punctual_export":1,"stage":"x"}\n', "cut off"),
    ],
)
def test_a_file_that_cannot_be_taken_in(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    assert said in sentence(run("import", "--stage", "x", "--file", str(file)))


def test_no_credentials(tmp_path: Path) -> None:
    for verb in ("export", "import"):
        said = sentence(run(verb, "--stage", "x", "--file", str(export_of(tmp_path, verb))))
        assert said == "No AWS credentials were found: log in, or set AWS_PROFILE.\n"
    assert not (tmp_path / "export").exists()


def test_no_region(tmp_path: Path) -> None:
    said = sentence(run("export", "--stage", "x", "--file", str(tmp_path / "f"), AWS_DEFAULT_REGION=""))
    assert said == "No region is chosen: set AWS_REGION.\n"


def test_the_region_that_every_other_command_takes(tmp_path: Path) -> None:
    said = sentence(
        run("export", "--stage", "x", "--file", str(tmp_path / "f"), AWS_DEFAULT_REGION="", AWS_REGION="us-east-1")
    )
    assert "No AWS credentials" in said


@pytest.mark.parametrize(("stage", "file", "asked"), [("", "f", "Which stage?"), ("x", "", "Which file?")])
@pytest.mark.parametrize("verb", ["export", "import"])
def test_make_without_a_stage_or_a_file(verb: str, stage: str, file: str, asked: str) -> None:
    assert sentence(run(verb, "--stage", stage, "--file", file)).startswith(asked)


def test_no_stage() -> None:
    assert "--stage" in sentence(run("export", "--file", "f"))


@pytest.fixture
def session() -> Iterator[Session]:
    """An AWS in this process, for whoever asks the environment for one."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        for name in ("handlers", "propagate", "level"):  # the command says where its log lines go
            patch.setattr(LOGGER, name, getattr(LOGGER, name))
        yield new_session()


def test_a_stage_is_exported_and_taken_in_by_another(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dynamodb, file = session.create_client("dynamodb"), tmp_path / "f"
    for stage in ("from", "to"):
        create_tables(dynamodb, stage)
    filled(WholeDynamoStore(Settings(stage="from"), session=session))
    assert main(["export", "--stage", "from", "--file", str(file)]) == 0
    assert "2 users, 1 calendars, 3 tasks" in capsys.readouterr().out
    assert main(["import", "--stage", "to", "--file", str(file)]) == 0
    assert "tasks added: 3" in capsys.readouterr().out
    assert main(["import", "--stage", "to", "--file", str(file)]) == 0
    assert "tasks there already: 3" in capsys.readouterr().out
    assert main(["export", "--stage", "from", "--file", str(file)]) == 2
    assert "there already" in capsys.readouterr().err


def test_what_is_refused_or_unreadable_is_told_by_the_exit_status(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dynamodb, file = session.create_client("dynamodb"), tmp_path / "f"
    create_tables(dynamodb, "from")
    filled(WholeDynamoStore(Settings(stage="from"), session=session))
    table, key = Settings(stage="from").table("tasks"), {"id": {"S": "t001"}}
    row = dynamodb.get_item(TableName=table, Key=key)["Item"]
    dynamodb.put_item(TableName=table, Item=row | {"v": {"N": "99"}})
    assert main(["export", "--stage", "from", "--file", str(file)]) == 1
    assert "1 could not be read" in capsys.readouterr().err
    file.write_bytes(file.read_bytes().replace(b'"id":"t002"', b'"id":"t#2"'))
    assert main(["import", "--stage", "from", "--file", str(file)]) == 1
    assert "line 6: /id must be an id" in capsys.readouterr().err
    file.write_bytes(file.read_bytes().replace(b'{"task"', b'{"tusk"'))
    assert main(["import", "--stage", "from", "--file", str(file)]) == 1
    assert "other lines refused: 2" in capsys.readouterr().out


def test_a_stage_that_does_not_exist(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("export", "import"):
        assert main([verb, "--stage", "nowhere", "--file", str(export_of(tmp_path, verb))]) == 2
        assert "There is no stage nowhere in this account and region" in capsys.readouterr().err
    assert not (tmp_path / "export").exists()
