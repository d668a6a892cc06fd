"""Streams: what is printed where the terminal, the file or the encoding is not what one is used to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from punctual_cli.main import main
from tests.actions.serving import Server, answer, saying

SOURCE = Path(__file__).parents[2] / "sdk" / "src"
OWN = {**os.environ, "PYTHONPATH": str(SOURCE)}
IMPATIENT = """
import os, signal, sys

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, CtrlC())
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["punctual", "completion", "bash"]
from punctual_cli.start import start
start()
"""
HOSTILE = "caf\u00e9 \u2192 \u202egnp.exe \u009b31m \u2028 \U0001f600"
ME = {"id": "1", "username": HOSTILE, "email": "ann@example.com", "role": "user"}


def environment(server: Server) -> dict[str, str]:
    return {"PUNCTUAL_URL": f"http://127.0.0.1:{server.port}", "PUNCTUAL_TOKEN": "pct_a_b_c"}


def who(charset: str, *words: str) -> Result:
    """`whoami` by somebody with a hostile name, on a terminal with an encoding."""
    body = json.dumps(ME, ensure_ascii=False)
    with Server(saying(answer("200 OK", body, Content_Type="application/json", Connection="close"))) as server:
        result = CliRunner(charset=charset, env=environment(server)).invoke(main, ["whoami", *words])
    assert result.exit_code == 0, result.exc_info
    return result


@pytest.mark.parametrize("charset", ["latin-1", "cp1252", "utf-8"])
def test_json_is_the_same_value_in_every_encoding(charset: str) -> None:
    assert json.loads(who(charset, "-o", "json").stdout_bytes.decode(charset))["username"] == HOSTILE


@pytest.mark.parametrize("charset", ["latin-1", "cp1252"])
def test_a_character_that_the_encoding_has_not_is_written_as_its_number(charset: str) -> None:
    assert r"café \u2192" in who(charset).stdout_bytes.decode(charset)


@pytest.mark.parametrize("words", [(), ("-o", "json")])
def test_nothing_turns_the_direction_or_steers_a_terminal_of_eight_bits(words: tuple[str, ...]) -> None:
    printed = who("utf-8", *words).stdout
    assert "café →" in printed
    assert not {"\u202e", "\u009b", "\u2028"} & set(printed)


def test_a_disk_that_is_full_is_a_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "punctual_cli", "completion", "bash"],
            env=OWN,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (
        6,
        "punctual: what there is to say cannot be written: No space left on device\n",
    )


def test_an_output_that_is_closed_is_no_error() -> None:
    body = json.dumps(ME)
    with Server(saying(answer("200 OK", body, Content_Type="application/json", Connection="close"))) as server:
        ended = subprocess.run(
            ["/bin/sh", "-c", f"exec '{sys.executable}' -m punctual_cli whoami >&-"],
            env={**OWN, **environment(server)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_ctrl_c_before_anything_is_loaded_is_no_stack_trace() -> None:
    ended = subprocess.run([sys.executable, "-c", IMPATIENT], env=OWN, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")
