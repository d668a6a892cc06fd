"""What the tab key offers: commands, options, and the names of tasks, and silence where these cannot be had."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.sdk.place import hello

BASH = """
{script}
COMP_WORDS=(punctual task show nig); COMP_CWORD=3; COMP_LINE="punctual task show nig"
complete -p punctual
"""


def offered(shell: Shell, line: str) -> list[str]:
    """What is offered for the last word of a line."""
    words = line.split(" ")
    own = {"_PUNCTUAL_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return [one.partition(",")[2] for one in shell.having(**own).run().stdout.split("\n") if one]


def test_commands_and_options_are_offered(ann: Shell) -> None:
    assert offered(ann, "punctual ta") == ["task"]
    assert "--follow" in offered(ann, "punctual run logs --f")


def test_names_of_tasks_are_offered(ann: Shell) -> None:
    for name in ("nightly", "nightly report", "other nightly"):
        ann.told("task", "create", "--json", "-", typed=json.dumps(hello(name)))
    assert sorted(offered(ann, "punctual task show nig")) == ["nightly", "nightly report"]
    assert offered(ann, "punctual backfill oth") == ["other nightly"]


def test_nothing_is_offered_where_nothing_can_be_had(stranger: Shell) -> None:
    assert offered(stranger, "punctual task show nig") == []
    nowhere = stranger.having(PUNCTUAL_URL="http://127.0.0.1:1", PUNCTUAL_TOKEN="x")
    result = nowhere.having(
        _PUNCTUAL_COMPLETE="bash_complete", COMP_WORDS="punctual task show nig", COMP_CWORD="3"
    ).run()
    assert (result.stdout.strip(), result.stderr) == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_what_it_needs(stranger: Shell, shell: str) -> None:
    script = stranger.told("completion", shell)
    assert f"_PUNCTUAL_COMPLETE={shell}_complete" in script
    if shell == "bash":
        done = subprocess.run(["bash", "-euc", BASH.format(script=script)], capture_output=True, text=True, check=True)
        assert "_punctual_completion punctual" in done.stdout


@pytest.mark.parametrize(
    ("typed", "replies"),
    [("nig", [r"nightly\ sums", r"a\\b", r"\*", "plain"]), ('"nig', ["nightly sums", r"a\b", "*", "plain"])],
)
def test_names_that_bash_would_take_apart_are_quoted(
    stranger: Shell, tmp_path: Path, typed: str, replies: list[str]
) -> None:
    program = tmp_path / "punctual"
    program.write_text("#!/bin/sh\nprintf 'plain,%s\\n' 'nightly sums' 'a\\b' '*' plain\n")
    program.chmod(0o755)
    words = shlex.join(["punctual", "task", "show", typed])
    script = f"{stranger.told('completion', 'bash')}\nCOMP_WORDS=({words}); COMP_CWORD=3\n"
    script += f"_punctual_completion {program}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines() == replies


def test_another_shell_is_a_usage_error(stranger: Shell) -> None:
    assert "'tcsh' is not one of" in stranger.refused(2, "completion", "tcsh")
