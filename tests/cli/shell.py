"""Commands as somebody types them, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from punctual_cli.main import main
from punctual_cli.session import Surroundings
from punctual_client.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A home, an environment, and the clock by which commands wait."""

    clock: Clock
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def having(self, **more: str) -> Shell:
        return replace(self, environment={**self.environment, **more})

    def run(self, *words: str, typed: str | None = None) -> Result:
        """How a command ended, with what it said to whom."""
        unset = dict.fromkeys(("PUNCTUAL_URL", "PUNCTUAL_TOKEN", "EDITOR", "VISUAL"))
        env = {**unset, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config"), **self.environment}
        found = Surroundings(clock=self.clock)
        result = CliRunner(env=env).invoke(main, words, input=typed, obj=found, prog_name="punctual")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    def told(self, *words: str, typed: str | None = None) -> str:
        """What a command that succeeds printed."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str, typed: str | None = None) -> Any:
        """The same, as JSON."""
        return json.loads(self.told(*words, "-o", "json", typed=typed))

    def refused(self, code: int, *words: str, typed: str | None = None) -> str:
        """What a command that fails with an exit code said, which is no stack trace."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.stderr

    @property
    def config(self) -> Path:
        return self.home / "config" / "punctual" / "config.json"
