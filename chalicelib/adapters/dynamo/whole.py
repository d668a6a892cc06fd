"""The four tables in DynamoDB with all that they hold: for requests, and for whoever does everything."""

from __future__ import annotations

from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.dynamo.in_code import DynamoInCode
from chalicelib.adapters.dynamo.own_groups import DynamoOwnGroups
from chalicelib.adapters.dynamo.people.accounts import DynamoAccounts
from chalicelib.adapters.dynamo.people.acts import DynamoActs
from chalicelib.adapters.dynamo.people.counters import DynamoCounters
from chalicelib.adapters.dynamo.people.installation import DynamoInstallation
from chalicelib.adapters.dynamo.people.usages import DynamoUsages


class WholeDynamoStore(
    DynamoStore,
    DynamoOwnGroups,
    DynamoAccounts,
    DynamoCounters,
    DynamoInstallation,
    DynamoInCode,
    DynamoActs,
    DynamoUsages,
):
    """The whole store of a stage."""
