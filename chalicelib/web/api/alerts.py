"""Alerts: what a receiver needs to know ours from others'."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.people.account import Scope
from chalicelib.web.frame.endpoint import Call, Reply, endpoint

alerts = Blueprint(__name__)


@endpoint(alerts, "GET", "/api/alerts/key", scope=Scope.WRITE)
def read_key(call: Call) -> Reply:
    """The key with which the caller's alerts are signed."""
    return Reply(body={"key": system().letter_keys.of(call.user.id)})
