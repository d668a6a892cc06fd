"""Letters to owners by SNS: to topics of this stage that are made for it."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from chalicelib.adapters.aws import Clients
from chalicelib.core.alerting.letter import Letter
from chalicelib.settings import Settings

TIMEOUTS: dict[str, Any] = {"connect_timeout": 2, "read_timeout": 3}
"""Seconds: whoever sends it has other letters to send, or a run's message to give back."""
ONCE: dict[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 1}}
"""What was not taken is sent again minutes later."""


class Topics:
    """Delivers letters. The client is made when the first one is sent."""

    def __init__(self, settings: Settings, *, session: Session | None = None) -> None:
        self._settings = settings
        self._clients = Clients(session, **TIMEOUTS, **ONCE)

    def __call__(self, address: str, letter: Letter, key: str) -> str | None:
        """Publish a letter. None: the topic took it. Otherwise why not. SNS signs by itself, so that no key is used."""
        if not self._settings.is_alert_topic(address):
            return f"alerts go to topics named {self._settings.alert_topics} only"
        message = json.dumps(letter.body, ensure_ascii=False)
        try:
            self._clients.get("sns").publish(TopicArn=address, Subject=letter.title, Message=message)
        except ClientError as error:
            said = error.response["Error"]
            return f"{said.get('Code', 'Unknown')}: {said.get('Message', '')}"
        except BotoCoreError as error:
            return f"no answer: {type(error).__name__}"
        return None
