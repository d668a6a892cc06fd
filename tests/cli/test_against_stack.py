"""The command line and the library against a whole system that runs on this machine, as its README shows them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cli.terminal import CTRL_C, terminal
from tests.e2e.person import Person, registered
from tests.infra.stacks import ROOT, running

SDK = ROOT / "sdk"
README = (SDK / "README.md").read_text(encoding="utf-8")
SLOW = r"slow\[red]"
"""With what rich would take for markup."""
WAITING = "until [ -e {go} ]; do sleep 0.1; done; echo done"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def blocks(language: str) -> str:
    """The README's blocks in a language, one after the other."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL))


def environment_of(ann: Person, url: str, folder: Path) -> dict[str, str]:
    """Of a shell in which `punctual` is there, and somebody is logged in."""
    program = folder / "bin" / "punctual"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m punctual_cli "$@"\n')
    program.chmod(0o755)
    own = {"PUNCTUAL_URL": url, "PUNCTUAL_TOKEN": ann.token, "PYTHONPATH": str(SDK / "src"), "HOME": str(folder)}
    return own | {"PATH": f"{program.parent}:{os.environ['PATH']}"}


def punctual(environment: Mapping[str, str], *words: str) -> Any:
    """What a command printed as JSON."""
    given = {**os.environ, **environment}
    done = subprocess.run(["punctual", *words, "-o", "json"], env=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_what_the_readme_shows_and_a_run_that_is_watched(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path / "state")) as stack:
        ann = registered(stack)
        own = environment_of(ann, stack.url, tmp_path)
        _check_readme(own)
        go = tmp_path / "go"
        punctual(own, "task", "create", "--name", SLOW, "--every", "1d", "--command", WAITING.format(go=go))
        _check_bar(own, go)
        go.unlink()
        _check_ctrl_c(own, go)
        _check_logs(own)
        assert stack.stop() == 0


def _check_readme(own: Mapping[str, str]) -> None:
    given = {**os.environ, **own}
    done = subprocess.run(
        ["bash", "-eu", "-c", blocks("sh")], env=given, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "run of nightly: succeeded" in done.stderr
    assert "output    hello" in done.stdout
    assert '"pause_reason": "the disk is full"' in done.stdout
    done = subprocess.run(
        [sys.executable, "-c", blocks("python")], env=given, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("succeeded done\n\nreport ")
    assert "/schedule/expression" in done.stdout
    assert punctual(own, "task", "list") == []


def _check_bar(own: Mapping[str, str], go: Path) -> None:
    with terminal("task", "run", SLOW, "--wait", environment=own) as screen:
        screen.until(f"run of {SLOW}: running")
        go.touch()
        assert screen.end() == 0
    shown = ESCAPE.sub("", screen.shown)
    assert "━━━━━" in shown
    assert f"run of {SLOW}: succeeded" in shown
    assert "output    done" in shown
    assert "\x1b[" in screen.shown  # it is drawn, where a pipe gets lines


def _check_ctrl_c(own: Mapping[str, str], go: Path) -> None:
    with terminal("task", "run", SLOW, "--wait", environment=own) as screen:
        screen.until(f"run of {SLOW}")
        screen.type(CTRL_C)
        assert screen.end() == 130
    said = " ".join(ESCAPE.sub("", screen.shown).split())
    found = re.search(
        re.escape(f"interrupted while watching the run of {SLOW}: it goes on")
        + r".*`punctual (run show (\S+) --wait)`",
        said,
    )
    assert found is not None, said
    assert "Traceback" not in said
    go.touch()
    assert punctual(own, *found[1].split())["status"] == "succeeded"


def _check_logs(own: Mapping[str, str]) -> None:
    punctual(own, "task", "create", "--name", "ill", "--command", "echo oh; exit 3", "--every", "1d", "--attempts", "1")
    run = punctual(own, "task", "run", "ill")
    given = {**os.environ, **own}
    followed = subprocess.run(
        ["punctual", "run", "logs", run["id"], "--follow"], env=given, capture_output=True, text=True, check=False
    )
    assert (followed.returncode, followed.stdout, followed.stderr) == (1, "oh\n", "")
