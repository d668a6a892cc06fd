"""Owners are told: by a whole system that runs, and by an auditor whose scheduler has stopped."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from infra.local import engines
from tests.actions.serving import Server, answer, saying
from tests.e2e.person import HELLO, in_, registered
from tests.e2e.test_secrets import headers_of
from tests.infra.stacks import part, running


def alerts_in(request: str, key: str) -> list[dict[str, Any]]:
    """The alerts of a request, which a receiver that follows docs/alerts.md believes."""
    headers, body = headers_of(request), request.partition("\n\n")[2]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body.encode()
    mac = hmac.new(base64.b64decode(key.removeprefix("whsec_")), content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    alerts: list[dict[str, Any]] = json.loads(body)["alerts"]
    return alerts


def test_a_failure_and_the_recovery_from_it_reach_a_webhook_signed_and_once(tmp_path: Path) -> None:
    script = saying(answer("500 Broken"), answer("500 Broken"), answer())
    with Server(script) as target, Server(saying(answer())) as canary:
        with running(STATE_DIR=str(tmp_path), ALLOW_PRIVATE_TARGETS="1") as stack:
            ann = registered(stack)
            key = ann.ask("GET", "/api/alerts/key")["key"]
            task = ann.create(
                "calls",
                {"type": "http", "method": "GET", "url": f"http://127.0.0.1:{target.port}/"},
                {"type": "interval", "every": 3, "unit": "seconds", "max_runs": 4},
                retry={"max_attempts": 1},
                notify={"webhook": f"http://127.0.0.1:{canary.port}/hook"},
            )
            runs = ann.ended(task, 4)
            assert [run["status"] for run in runs] == ["failed", "failed", "succeeded", "succeeded"]
            state = ann.ask("GET", f"/api/tasks/{task}")["notify_state"]
            assert (state["failing_since"], state["waiting"], state["refusal"]) == (None, 0, None)
            assert stack.stop() == 0
        told = [alert for request in canary.requests for alert in alerts_in(request, key)]
    assert [(alert["kind"], alert["count"]) for alert in told] == [("failed", 1), ("recovered", 1)]
    assert told[0]["run"]["id"] == runs[0]["id"]
    assert told[0]["error"]["detail"] == "the server answered 500 Broken"


def test_a_scheduler_that_has_stopped_is_told_of_by_the_auditor_alone(emulator: engines.RunningEngine) -> None:
    """No tick, no pass, no worker: only the API takes a task, and only audits are made."""
    chosen = {"AWS_ENDPOINT_URL": emulator.endpoint, "STAGE": "silent", "ALLOW_PRIVATE_TARGETS": "1"}
    chosen["REGISTRATION"] = "open"
    assert part("provision", **chosen).returncode == 0
    with Server(saying(answer())) as canary:
        with running("api", **chosen) as stack:
            ann = registered(stack)
            key = ann.ask("GET", "/api/alerts/key")["key"]
            notify = {"webhook": f"http://127.0.0.1:{canary.port}/hook"}
            task = ann.create("overdue", HELLO, {"type": "once", "at": in_(-400)}, notify=notify)
            for _ in range(2):  # the first one of an installation finds out where to begin
                assert part("audit", **chosen).returncode == 0
            assert ann.runs(task) == []
            assert ann.ask("GET", f"/api/tasks/{task}")["notify_state"]["delivered_at"]
            assert stack.stop() == 0
        [alert] = [alert for request in canary.requests for alert in alerts_in(request, key)]
    assert (alert["kind"], alert["task"]) == ("did_not_run", {"id": task, "name": "overdue"})
