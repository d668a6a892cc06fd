"""Recorded calls against policies, over a whole session of pytest, in however many processes it runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.calls import Permission
from tests.policies.policy import policies
from tests.policies.recording import Call, install, recorded
from tests.policies.verdict import refused, unused

OUTPUT = "calls"
"""Where a process of the session leaves what it recorded."""
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "last_failed", "collectonly", "maxfail")
NODE = "every call is allowed, every grant is used"


class Policies:
    """Collects what every process recorded, and fails the session whose calls and policies differ."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.calls = set[Call]()
        self.wrong: list[str] = []
        self.said = ""
        install()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """One of the processes has ended."""
        for role, action, resource, *looked_at in getattr(node, "workeroutput", {}).get(OUTPUT, ()):
            self.calls.add(Call(role, Permission(action, resource, *map(tuple, looked_at))))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what was recorded, or judge it all."""
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[OUTPUT] = [[call.role, *call.permission] for call in recorded]
            return
        calls, stated = self.calls | recorded, policies()
        self.wrong, complete = list(refused(calls, stated)), self._is_complete(session)
        if complete:
            self.wrong += unused(calls, stated)
        every = "every grant was looked for" if complete else "not every test ran, so that grants may be unused"
        self.said = f"policies: {len(calls)} kinds of calls, {len(self.wrong)} complaints; {every}"
        if self.wrong and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _is_complete(self, session: pytest.Session) -> bool:
        """Whether everything ran, and passed, so that what was not called is not needed."""
        options = self.config.option
        narrowed = [name for name in NARROWING if getattr(options, name, None)]
        chosen = self.config.args_source is pytest.Config.ArgsSource.ARGS
        return session.exitstatus == pytest.ExitCode.OK and not narrowed and not chosen

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was looked at, and what is wrong. As an error of the session it is counted in the last line too."""
        terminalreporter.write_line(self.said)
        for line in self.wrong:
            report = pytest.TestReport(
                nodeid=f"policies::{NODE}",
                location=("policies", None, NODE),
                keywords={},
                outcome="failed",
                longrepr=line,
                when="teardown",
            )
            terminalreporter.stats.setdefault("error", []).append(report)
            terminalreporter.write_line(line, red=True)
