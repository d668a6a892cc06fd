"""The functions that come with Punctual."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.functions.example import count_words
from chalicelib.functions.shipped import add, print_hello, print_time, write_to_file


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, beside a file that is none of its business."""
    (tmp_path / "outside.txt").write_text("outside")
    (tmp_path / "inside").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "inside"))
    return tmp_path / "inside"


def test_print_hello_greets(capsys: pytest.CaptureFixture[str]) -> None:
    print_hello()
    print_hello("Ada")
    assert capsys.readouterr().out == "hello, world\nhello, Ada\n"


def test_print_time_prints_and_returns_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC)
    said = print_time()
    assert capsys.readouterr().out == f"{said}\n"
    assert said.endswith("Z")
    assert abs(datetime.fromisoformat(said) - before).total_seconds() < 60


def test_add_adds() -> None:
    assert add(1, 2) == 3
    assert add(0.5, 0.25) == 0.75


def test_count_words_counts() -> None:
    assert count_words("to be or not to be") == 6
    assert count_words("to be or not to be", distinct=True) == 4


def test_write_to_file_appends_a_line_and_says_where(temporary: Path) -> None:
    first = write_to_file()
    second = write_to_file(text="☃")
    written = (temporary / "punctual.txt").read_text(encoding="utf-8").splitlines()
    assert written[0].startswith("written at 2")
    assert written[1] == "☃"
    assert first["path"] == second["path"] == str(temporary / "punctual.txt")
    assert second["size"] == (temporary / "punctual.txt").stat().st_size


@pytest.mark.parametrize("path", ["a/b/c.txt", "./a.txt", "a/../b.txt"])
def test_write_to_file_writes_anywhere_inside_the_temporary_folder(temporary: Path, path: str) -> None:
    for given in (path, str(temporary / path)):
        assert Path(str(write_to_file(given, "x")["path"])).is_relative_to(temporary)


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "a/../../outside.txt", "", ".", "link", "linked/x"])
def test_write_to_file_writes_nowhere_else(temporary: Path, path: str) -> None:
    (temporary / "link").symlink_to(temporary.parent / "outside.txt")
    (temporary / "linked").symlink_to(temporary.parent)
    with pytest.raises(ValueError, match="inside"):
        write_to_file(path, "x")
    assert (temporary.parent / "outside.txt").read_text() == "outside"
    assert not (temporary.parent / "x").exists()
