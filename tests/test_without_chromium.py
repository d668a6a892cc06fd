"""On a machine without Chromium a session of tests says that those of the browser did not run, and runs the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import without_chromium

ROOT = Path(__file__).parents[1]
OTHERS = "tests/test_imports.py"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on whose PATH there is nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))


def session(*asked: str) -> tuple[int, str]:
    """The exit status of a session of tests and what it says."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--collect-only", *asked]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return ran.returncode, ran.stdout


@pytest.mark.usefixtures("bare")
def test_a_session_that_would_have_run_them_says_that_they_did_not_run() -> None:
    status, said = session("tests/browser", OTHERS)
    assert status == 0
    assert "the browser tests did not run: there is no Chromium on the PATH" in said
    assert "tests/browser/" not in said
    assert OTHERS in said


@pytest.mark.usefixtures("bare")
def test_asking_for_nothing_else_fails() -> None:
    status, said = session("tests/browser")
    assert status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "did not run" in said


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["tests", "chalicelib"], True),
        (["tests/browser/test_two_people.py::test_x"], True),
        (["."], True),
        (["tests/core"], False),
    ],
)
def test_only_a_session_that_is_about_them_says_it(asked: list[str], says: bool) -> None:
    assert (without_chromium.left_out(asked, ROOT) is not None) is says


def test_where_there_is_chromium_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / without_chromium.PROGRAM
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert without_chromium.left_out(["tests"], ROOT) is None
    assert not without_chromium.leaves_out(without_chromium.FOLDER)
