"""What each function of the deployment loads when it starts: what it needs, and nothing else.

Counted, not timed: whoever adds an import that makes every start slower sees it here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from bench.imports import PART, WORKERS
from chalicelib.bootstrap.serving import serves

ROOT = Path(__file__).parents[2]
ENGINE = (*WORKERS, "coordinator", "dispatcher", "auditor")
FUNCTIONS = ("app", *ENGINE, "sandbox")

REQUESTS = ("chalicelib.web", "chalicelib.engine.requests", "chalicelib.bootstrap.requests")
PAGES_AND_API = ("jinja2", "markupsafe", "msgspec", "icalendar", "cron_descriptor")
OURS_FOR_NOBODY = ("chalicelib.adapters.memory", "chalicelib.bootstrap.whole")
NOBODY = ("boto3", "s3transfer", "icalendar", "cron_descriptor", *OURS_FOR_NOBODY)
ACTIONS = ("chalicelib.actions", "chalicelib.functions", "chalicelib.bootstrap.worker")
PERFORMED = (*(f"chalicelib.actions.{kind}" for kind in ("aws", "command", "function")), *ACTIONS[1:])
"""By tasks; webhooks are sent by the auditor too, as the action `http` sends its requests."""
PEOPLE = (
    *(f"chalicelib.core.{name}" for name in ("account", "acts", "calendars", "names", "rates", "usage")),
    *(f"chalicelib.ports.{name}" for name in ("accounts", "whole")),
    *(f"chalicelib.adapters.dynamo.{name}" for name in ("accounts", "acts", "counters", "installation", "whole")),
    *(f"chalicelib.adapters.dynamo.{name}" for name in ("tokens", "usages", "users")),
)
"""What is kept of people and for their requests: of all that, the engine asks for two attributes of an account."""
SANDBOX = (*(f"chalicelib.actions.{name}" for name in ("machine", "sandbox", "supervisor")), "ctypes")
AUDIT = ("chalicelib.engine.audit",)
AWS = ("botocore.session", "botocore.client", "botocore.loaders", "pynamodb", "urllib3", "croniter", "dateutil")
"""Powertools looks whether there is a botocore, which is its name and little else."""
HOUSE = ("chalicelib.adapters", "chalicelib.engine", "chalicelib.ports", "chalicelib.core", "chalicelib.functions")
ENGINE_ONLY = (*NOBODY, *REQUESTS, *PEOPLE)

NOT_LOADED = {
    "app": (*NOBODY, *AUDIT, "chalicelib.actions.http", "chalicelib.engine.worker", "chalicelib.engine.dispatcher"),
    "coordinator": (*ENGINE_ONLY, *PAGES_AND_API, *ACTIONS, *AUDIT, "chalicelib.engine.worker"),
    "dispatcher": (*ENGINE_ONLY, *PAGES_AND_API, *ACTIONS, *AUDIT, "chalicelib.engine.worker"),
    "auditor": (*ENGINE_ONLY, *PAGES_AND_API, *PERFORMED, "chalicelib.engine.worker"),
    "sandbox": (*NOBODY, *REQUESTS, *PAGES_AND_API, *AWS, *HOUSE),
} | dict.fromkeys(WORKERS, (*ENGINE_ONLY, *PAGES_AND_API, *AUDIT, *SANDBOX, "chalicelib.engine.dispatcher"))

PROGRAM = """
import json, sys
import app
{part}
part()
print(json.dumps(sorted(sys.modules)))
"""


@lru_cache
def loaded(function: str) -> frozenset[str]:
    """The modules in a process of a function, once its part of the system is put together."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(part=PART[function])],
        env={"_HANDLER": f"app.{function}", "STAGE": "dev", "AWS_DEFAULT_REGION": "us-east-1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout))


def within(modules: frozenset[str], names: tuple[str, ...]) -> list[str]:
    """Those of the modules that are one of these names, or below one."""
    return sorted(
        module for module in modules if module.startswith(tuple(f"{name}." for name in names)) or module in names
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_loads_nothing_that_it_does_not_need(function: str) -> None:
    assert within(loaded(function), NOT_LOADED[function]) == []


@pytest.mark.parametrize(
    ("function", "most"), [("light", 532), ("dispatcher", 498), ("coordinator", 490), ("sandbox", 202)]
)
def test_a_function_loads_no_more_modules_than_it_did(function: str, most: int) -> None:
    assert len(loaded(function)) <= most


def test_everything_is_loaded_where_nobody_says_what_is_to_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_HANDLER", raising=False)
    assert all(serves(name) for name in FUNCTIONS)
    monkeypatch.setenv("_HANDLER", "wrapper.of_somebody_else")
    assert all(serves(name) for name in FUNCTIONS)
    monkeypatch.setenv("_HANDLER", "app.urgent")
    assert [name for name in FUNCTIONS if serves(name)] == ["urgent"]
    assert serves(*WORKERS)
