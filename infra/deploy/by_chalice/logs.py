"""The functions' logs, made before the functions, whose roles may write into them and not make them."""

from __future__ import annotations

from collections.abc import Iterable

from infra.deploy.account import Account


def keep(account: Account, names: Iterable[str], days: int) -> None:
    """Make the log of each function unless it is there, and keep its lines for so many days."""
    logs = account.client("logs")
    for name in names:
        group = f"/aws/lambda/{name}"
        found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        kept = {each["logGroupName"]: each.get("retentionInDays") for each in found}
        if group not in kept:
            logs.create_log_group(logGroupName=group)
        if kept.get(group) != days:
            logs.put_retention_policy(logGroupName=group, retentionInDays=days)
