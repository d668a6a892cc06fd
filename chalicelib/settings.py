"""Settings: what a stage is told by its environment, read once."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

LOCAL = "local"
PRODUCTION = "prod"
MOST_SHARDS = 1000
TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:(?P<name>punctual-[A-Za-z0-9_-]+-alerts-[A-Za-z0-9_-]+)")
"""The ARN of an SNS topic that alerts may go to on some stage."""
MOST = 10**12
"""Of anything that an account may have: no quota at all."""


class Registration(enum.StrEnum):
    """Who may register."""

    OPEN = "open"
    """Anybody."""
    FIRST = "first"
    """The first account, which becomes the admin; then nobody."""
    CLOSED = "closed"
    """Nobody."""


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names it and says what can."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stage's settings."""

    stage: str = LOCAL
    shards: int = 1
    registration: Registration = Registration.OPEN
    allow_private_targets: bool = False
    max_body_bytes: int = 262_144
    aws_actions_allowed: frozenset[str] = frozenset()
    run_feed: bool = True
    metrics: bool = False
    """Whether functions write metrics into their logs, as CloudWatch wants them."""
    code_owner: str = ""
    """The username whose tasks schedules in code become; empty for the first admin."""
    max_tasks: int = 10_000
    max_stored_bytes: int = 100_000_000
    max_runs_per_minute: int = 20_000
    """Quotas of each account: tasks, bytes of their definitions, and what their schedules may ask for."""

    @property
    def local(self) -> bool:
        return self.stage == LOCAL

    def table(self, name: str) -> str:
        """The name of a table of this stage."""
        return f"punctual-{self.stage}-{name}"

    def queue(self, name: str) -> str:
        """The name of a queue of this stage."""
        return f"punctual-{self.stage}-{name}"

    def function(self, name: str) -> str:
        """The name of a deployed function of this stage, as Chalice makes it."""
        return f"punctual-{self.stage}-{name}"

    @property
    def alert_topics(self) -> str:
        """How SNS topics that owners' alerts may go to are named: roles may publish to no other."""
        return f"punctual-{self.stage}-alerts-*"

    def is_alert_topic(self, arn: str) -> bool:
        """Whether an ARN is that of a topic for alerts of this stage.

        >>> stage = Settings(stage="dev")
        >>> names = ("punctual-dev-alerts-ops", "punctual-prod-alerts-ops", "punctual-dev-alerts-", "other")
        >>> [stage.is_alert_topic(f"arn:aws:sns:eu-west-1:123456789012:{name}") for name in names]
        [True, False, False, False]
        """
        found = TOPIC.fullmatch(arn)
        return found is not None and found["name"].startswith(self.alert_topics[:-1])

    def secrets(self, owner: str) -> str:
        """The path in Parameter Store below which an owner's secrets are."""
        return f"/punctual/{self.stage}/secrets/{owner}"


def from_environment(environ: Mapping[str, str]) -> Settings:
    """The settings that environment variables give; `SettingsError` for one that makes no sense.

    >>> from_environment({"STAGE": "dev", "SHARDS": "4"}).queue("light")
    'punctual-dev-light'
    """
    stage = environ.get("STAGE") or LOCAL
    private = environ.get("ALLOW_PRIVATE_TARGETS", "") == "1"
    if private and stage == PRODUCTION:
        raise SettingsError("ALLOW_PRIVATE_TARGETS=1 is refused when STAGE is prod: unset it")
    actions = environ.get("AWS_ACTIONS_ALLOWED", "").split(",")
    return Settings(
        stage=stage,
        shards=_number(environ, "SHARDS", 1, 1, MOST_SHARDS),
        registration=_registration(environ, stage),
        allow_private_targets=private,
        max_body_bytes=_number(environ, "MAX_BODY_BYTES", 262_144, 1024, 6 * 1024 * 1024),
        aws_actions_allowed=frozenset(action.strip() for action in actions if action.strip()),
        run_feed=_switch(environ, "RUN_FEED", "on"),
        metrics=_switch(environ, "METRICS", "off" if stage == LOCAL else "on"),
        code_owner=environ.get("CODE_OWNER", "").strip(),
        max_tasks=_number(environ, "MAX_TASKS", 10_000, 1, MOST),
        max_stored_bytes=_number(environ, "MAX_STORED_BYTES", 100_000_000, 1, MOST),
        max_runs_per_minute=_number(environ, "MAX_RUNS_PER_MINUTE", 20_000, 1, MOST),
    )


def _registration(environ: Mapping[str, str], stage: str) -> Registration:
    default = Registration.OPEN if stage == LOCAL else Registration.FIRST
    try:
        return Registration(environ.get("REGISTRATION") or default)
    except ValueError as error:
        raise SettingsError("REGISTRATION must be open, first or closed") from error


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _switch(environ: Mapping[str, str], name: str, default: str) -> bool:
    value = environ.get(name) or default
    if value not in ("on", "off"):
        raise SettingsError(f"{name} must be on or off, not {value!r}")
    return value == "on"
