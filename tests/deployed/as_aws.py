"""MiniStack, with what it does otherwise than AWS put right; `python -m tests.deployed.as_aws` starts it.

With MiniStack 1.5.33:
* A batch of messages needs `sqs:SendMessageBatch`, an action that IAM does not know: AWS asks for `sqs:SendMessage`.
* A read of several parameters, or of a path, needs them all (`*`): AWS asks for each parameter, or for the path.
* A template's alarm on several metrics is refused. Here it is made on the first of them: nobody waits for alarms.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.app import main
from ministack.core import iam_actions
from ministack.services.cloudformation import provisioners

_alarm = provisioners._cw_metric_alarm_record
_action, _resource = iam_actions.extract_iam_action, iam_actions.extract_resource_arn


def action(*asked: Any, **more: Any) -> Any:
    """The action that a request needs, as IAM knows it."""
    found = _action(*asked, **more)
    return found.removesuffix("Batch") if found and found.startswith("sqs:") else found


def resource(*asked: Any) -> Any:
    """What a request is for. Of several parameters, the first: ours are in one folder, and are allowed by it."""
    service, _method, _path, _headers, body, _query, region, account = asked
    found = _resource(*asked)
    if service != "ssm" or found != "*":
        return found
    request = json.loads(body or b"{}")
    name = request.get("Path") or next(iter(request.get("Names", ())), None)
    return found if name is None else f"arn:aws:ssm:{region}:{account}:parameter{name}"


def alarm(name: str, properties: dict[str, Any]) -> Any:
    """What is kept of an alarm."""
    metrics = properties.get("Metrics", ())
    first: dict[str, str] = next((each["MetricStat"]["Metric"] for each in metrics if "MetricStat" in each), {})
    plain = {key: value for key, value in properties.items() if key != "Metrics"}
    return _alarm(name, plain | {key: first[key] for key in ("MetricName", "Namespace") if key in first})


if __name__ == "__main__":
    setattr(iam_actions, "extract_iam_action", action)  # noqa: B010
    setattr(iam_actions, "extract_resource_arn", resource)  # noqa: B010
    setattr(provisioners, "_cw_metric_alarm_record", alarm)  # noqa: B010
    main()
