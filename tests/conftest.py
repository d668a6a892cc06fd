"""What holds for every test: no test reaches AWS, or reads the settings of whoever runs it."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from tests import without_chromium
from tests.policies.plugin import Policies

SETTINGS = (
    *("STAGE", "SHARDS", "REGISTRATION", "ALLOW_PRIVATE_TARGETS", "MAX_BODY_BYTES", "RUN_FEED"),
    *("MAX_TASKS", "MAX_STORED_BYTES", "MAX_RUNS_PER_MINUTE", "METRICS", "CODE_OWNER"),
    *("PORT", "STATE_DIR", "FRESH", "ENGINE"),
)

COVERED = (
    "fault points",
    "fault points on moto",
    "pairs of faults",
    "seeds",
    "processes killed",
    "interleavings",
)

COLD_START = "cold start of "
"""Before the name of a function, in the property that says how long it took to start."""

settings.register_profile("punctual", deadline=None)  # the machine may be busy: time is no reason to fail
settings.load_profile("punctual")


def pytest_configure(config: pytest.Config) -> None:
    """Record the calls of this session, to hold them against the policies."""
    config.pluginmanager.register(Policies(config), "policies")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the browser's tests where there is no browser; the summary says so."""
    return True if without_chromium.leaves_out(collection_path) else None


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that are worth nothing, a region, and every setting at its default."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name in SETTINGS]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what did not run, how much of what is left to chance was covered, and how long functions took to start."""
    missing = without_chromium.left_out(terminalreporter.config.args, terminalreporter.config.rootpath)
    if missing is not None:
        terminalreporter.write_line(missing, yellow=True)
    starts: dict[str, object] = {}
    found: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        found.update({name: value for name, value in report.user_properties if name in COVERED})
        starts |= {
            name.removeprefix(COLD_START): ms for name, ms in report.user_properties if name.startswith(COLD_START)
        }
    if found:
        terminalreporter.write_line("covered: " + ", ".join(f"{found[name]} {name}" for name in COVERED if found[name]))
    if starts:
        said = ", ".join(f"{name.removeprefix(COLD_START)} {ms}" for name, ms in sorted(starts.items()))
        terminalreporter.write_line(f"cold starts in ms of processor, interpreter and runtime included: {said}")
