"""Every code that the engine and the actions can give a run has words about what to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.run import FINAL, RunError, RunStatus
from chalicelib.web.pages.looks.remedies import REMEDIES, remedy

FOLDERS = ("actions", "core", "engine")
MAKERS = {"RunError", "RequestFailed", "CallRefused", "_refused", "_failed", "_skipped", "_missed"}
"""What is called, here and there, with the code of an error: by name, or as its first text."""
PASSED_ON = {"code"}
"""Code that is given as a variable comes from a maker, or from one of these names."""


def makers() -> Iterator[tuple[Path, ast.Call]]:
    for folder in FOLDERS:
        for path in (Path("chalicelib") / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKERS:
                    yield path, node


def codes() -> set[str]:
    """The codes that are written in the code, wherever an error is made."""
    found: set[str] = {"edited", "paused"}  # core/planning.py says one of these by the task's state
    for _, call in makers():
        given = [word.value for word in call.keywords if word.arg == "code"] or call.args[:1]
        found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found | {"skipped_by_owner"}


def test_the_codes_that_there_are_were_found() -> None:
    assert {"exit_code", "secret_missing", "address_refused", "worker_lost", UNDELIVERABLE.code} <= codes()
    assert len(codes()) > 30


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_has_words_about_what_to_do(code: str) -> None:
    said = REMEDIES[code]
    assert said[0].isupper()
    assert said.endswith(".")
    assert len(said) > 30


def test_there_are_no_words_for_codes_that_nothing_gives() -> None:
    assert set(REMEDIES) == codes()


@pytest.mark.parametrize("status", sorted(FINAL - {RunStatus.SUCCEEDED, RunStatus.SKIPPED, RunStatus.CANCELLED}))
def test_an_end_of_which_nobody_knows_the_code_has_words_as_well(status: RunStatus) -> None:
    assert remedy(status, RunError(code="from_the_future", detail="?"))
    assert remedy(status, None)


def test_of_a_success_there_is_nothing_to_say() -> None:
    assert remedy(RunStatus.SUCCEEDED, None) == ""
