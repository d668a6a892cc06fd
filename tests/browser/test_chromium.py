"""The browser itself: it leaves no process behind, and a machine that has none is told what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.infra.stacks import born

ALONE = """
import os, sys, warnings
warnings.simplefilter("error")
from pathlib import Path
from tests.browser import chromium
from tests.infra.stacks import descendants
with chromium.running(Path(sys.argv[1])) as browser:
    browser.new_page().set_content("<h1>hello</h1>")
    assert len(list(descendants(os.getpid()))) > 3
print(list(descendants(os.getpid())))
"""


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path)],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "[]"), ran.stderr


def test_a_machine_without_chromium_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="install it"), chromium.running(tmp_path):
        pass


def test_what_does_not_leave_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "NOTICING_SECONDS", 0.1)
    with subprocess.Popen(["sleep", "100"]) as deaf:
        at = born(deaf.pid)
        assert at is not None
        chromium.see_off({deaf.pid: at})
        assert deaf.wait() < 0
