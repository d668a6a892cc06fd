"""What an earlier life of a stage has left in the account."""

from __future__ import annotations

from infra import resources
from infra.deploy.account import Account, Refused
from infra.deploy.choosing import Chosen

IMPORTING = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html"


def refuse_to_make_again(account: Account, chosen: Chosen) -> None:
    """`Refused` where tables or queues are there although the stack that made them is not."""
    declared = resources.load(chosen.stage)
    missing = set(resources.missing(declared, account.client("dynamodb"), account.client("sqs")))
    names = [each["TableName"] for each in resources.tables(declared)]
    names += [each["QueueName"] for each in resources.queues(declared)]
    there = [name for name in names if name not in missing]
    if there:
        raise Refused(
            f"{there[0]} and {len(there) - 1} more tables and queues are there without the stack {chosen.data_stack}: "
            f"import them into a stack of that name ({IMPORTING}, infra/resources.yaml), or delete them."
        )
