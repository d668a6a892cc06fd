"""The verdict: every recorded call is allowed, and after a complete run every grant of every policy is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.policies.calls import Permission
from tests.policies.policy import Statement, matches
from tests.policies.recording import Call

Policies = Mapping[str, Sequence[Statement]]

NOT_OURS = {
    "logs:CreateLogStream": "Lambda writes what a function prints",
    "logs:PutLogEvents": "Lambda writes what a function prints",
    "sqs:ReceiveMessage": "Lambda's event source mapping reads the function's queue",
    "sqs:DeleteMessage": "Lambda's event source mapping removes what the function has handled",
    "sqs:GetQueueAttributes": "Lambda's event source mapping asks how long the queue is",
}
"""Actions that AWS performs with a function's role, and why no call of ours shows it. Those on queues count for the
queue that a function is subscribed to, and for no other: the auditor reads the dead-letter queues itself."""


def refused(calls: Iterable[Call], policies: Policies) -> Iterator[str]:
    """A line for each call that its role's policy does not allow."""
    for role, wanted in sorted(calls):
        if any(statement.allows(wanted) for statement in policies.get(role, ())):
            continue
        but = [each.sid for each in policies.get(role, ()) if each.allows_what(wanted)]
        told = f", and the condition of {but[0]} excludes {_what(wanted)}" if but else ""
        yield f"{role}: {wanted.action} on {wanted.resource} is called, and policy-{role}.json does not allow it{told}"


def _what(wanted: Permission) -> str:
    """What of a call conditions look at."""
    return ", ".join(wanted.attributes or ["whole items"]) + "".join(f" in {each}" for each in wanted.partitions)


def unused(calls: Iterable[Call], policies: Policies) -> Iterator[str]:
    """A line for each action on a resource that a policy allows and nothing calls."""
    called: dict[str, list[Call]] = {}
    for call in calls:
        called.setdefault(call.role, []).append(call)
    for role, statements in policies.items():
        for grant in (grant for statement in statements for grant in statement.grants()):
            if not _by_aws(role, grant) and not any(grant.allows(call.permission) for call in called.get(role, ())):
                [action], [resource] = grant.actions, grant.resources
                yield f"{role}: {grant.sid} allows {action} on {resource}, and nothing calls it"


def _by_aws(role: str, grant: Statement) -> bool:
    """Whether AWS itself uses a grant: to keep the function's log, or to read the function's queue."""
    [action], [resource] = grant.actions, grant.resources
    queue = {"dispatcher": "passes"}.get(role, role)
    return action in NOT_OURS and (action.startswith("logs:") or matches(f"*-{queue}", resource))
