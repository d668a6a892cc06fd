"""`python -m infra.backup`: one sentence and an exit status, whatever it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


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
    assert "does not answer" in sentence(run("export", "--stage", "x", "--file", str(tmp_path / "f")))


def test_no_stage() -> None:
    assert "--stage" in sentence(run("export", "--file", "f"))
