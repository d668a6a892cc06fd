"""Who tells owners, and how: for those functions that bring about what there is to tell."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.session import Session

from chalicelib.actions.http import Http
from chalicelib.actions.webhook import Webhook
from chalicelib.adapters.sns import Topics
from chalicelib.bootstrap.ports import Ports
from chalicelib.core.alerting.policy import Way
from chalicelib.engine.alerts.keys import LetterKeys
from chalicelib.engine.alerts.telling import Telling
from chalicelib.ports import Notifier
from chalicelib.settings import Settings

Notifiers = Mapping[Way, Notifier]
NO_NOTIFIERS: Notifiers = {}
"""Where nobody says how owners are told."""


def telling(ports: Ports, notifiers: Notifiers) -> Telling:
    """Tells owners in the given ways."""
    keys = LetterKeys(store=ports.store)
    return Telling(store=ports.store, clock=ports.clock, notifiers=notifiers, keys=keys)


def notifiers(settings: Settings, session: Session) -> Notifiers:
    """All ways that there are. Nothing is asked of AWS before the first letter is sent by SNS."""
    return {
        Way.WEBHOOK: Webhook(http=Http(allow_private_targets=settings.allow_private_targets)),
        Way.SNS: Topics(settings, session=session),
    }
