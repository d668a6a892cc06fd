"""The import rule holds for every module of ours, and would notice if it did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.import_rule import sources, violations

ROOT = Path(__file__).parents[1]


def test_every_import_goes_down() -> None:
    assert violations(sources(ROOT)) == []


@pytest.mark.parametrize(
    ("module", "text", "reason"),
    [
        ("chalicelib.core.run", "import chalicelib.ports", "core needs nothing but the standard library"),
        ("chalicelib.core.run", "from chalicelib import logs", "core needs nothing but the standard library"),
        ("chalicelib.core.run", "import msgspec", "core needs nothing but the standard library"),
        ("chalicelib.core.task", "from croniter import croniter", "core needs nothing but the standard library"),
        ("chalicelib.engine.worker", "from chalicelib.adapters import sqs", "siblings do not import each other"),
        ("chalicelib.ports", "from chalicelib import functions", "siblings do not import each other"),
        ("chalicelib.engine.worker", "from chalicelib import bootstrap", "imports go down only"),
        ("chalicelib.settings", "import chalicelib.core.run", "imports go down only"),
        ("chalicelib.bootstrap", "from app import app", "imports go down only"),
        ("chalicelib.engine.worker", "from tests import anything", "outside the house"),
        ("app", "from infra.local import gateway", "outside the house"),
        ("chalicelib.web.api", "import punctual_client", "outside the house"),
        ("punctual_client", "from chalicelib.core import run", "a house of its own"),
        ("punctual_client", "import punctual_cli", "imports go down only"),
        ("chalicelib.web.api", "def f():\n    from chalicelib import ports", "inside a function"),
        ("chalicelib.web.api", "import typing\nif typing.TYPE_CHECKING:\n    import json", "TYPE_CHECKING"),
    ],
)
def test_a_breach_is_noticed(module: str, text: str, reason: str) -> None:
    [found] = violations(HOUSE | {module: text})
    assert reason in found


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("chalicelib.core.schedule.cron", "from croniter import croniter\nimport datetime"),
        ("chalicelib.engine.worker", "from chalicelib import logs, ports\nfrom chalicelib.core import run"),
        ("chalicelib.web.api", "def f():\n    import jinja2"),
        ("punctual_cli", "import click\nfrom punctual_client import Client"),
        ("tests.test_x", "def f():\n    import app\nfrom chalicelib.core import run"),
    ],
)
def test_what_is_allowed_is_left_alone(module: str, text: str) -> None:
    assert violations(HOUSE | {module: text}) == []


def test_a_circle_is_noticed() -> None:
    circle = {"chalicelib.core.run": "from chalicelib.core import task", "chalicelib.core.task": "from . import run"}
    assert ["a circle" in found for found in violations(HOUSE | circle)] == [True]


HOUSE = dict.fromkeys(
    (
        *("app", "chalicelib", "chalicelib.web.api", "chalicelib.bootstrap", "chalicelib.ports", "chalicelib.logs"),
        *("chalicelib.engine.worker", "chalicelib.adapters.sqs", "chalicelib.functions", "chalicelib.settings"),
        *(
            "chalicelib.core.run",
            "chalicelib.core.task",
            "chalicelib.core.schedule.cron",
            "infra.local.gateway",
            "tests",
        ),
    ),
    "",
)
"""A house whose modules import nothing."""
