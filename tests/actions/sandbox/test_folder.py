"""The folder of a command is gone afterwards, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.actions.hosting import python
from tests.actions.sandbox.asking import WORKER, run


@pytest.mark.parametrize(
    "command",
    [
        "mkdir a; touch a/b; chmod 000 a .",
        "ln -s / root; ln -s .. up; touch -- -rf",
        "kill -9 $PPID; sleep 60",
    ],
)
def test_the_folder_is_gone_afterwards(
    command: str | list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run(command)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_gone_even_where_nobody_has_the_right_to_look_into_it() -> None:
    inner = {"command": "mkdir a; touch a/b; chmod 000 a .", "timeout_seconds": 10}
    worker = run(python(f"{WORKER}import os; print(os.listdir())"), stdin=json.dumps(inner))  # itself without rights
    answer, left = worker["output"].splitlines()
    assert json.loads(answer)["exit_code"] == 0
    assert left == "[]"


def test_wiping_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    run(f"ln -s {tmp_path} link; mkdir locked; ln -s {tmp_path} locked/link; chmod 000 locked")
    assert (tmp_path / "kept").read_text() == "kept"
