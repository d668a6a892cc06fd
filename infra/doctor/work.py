"""Whether it works: how far the passes are, what could not be delivered, which alarms are on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import botocore.session

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.instant import to_text
from chalicelib.core.window import watermark_age
from chalicelib.settings import Settings
from infra.doctor.installation import QUEUES, Ill, Installation

BEHIND = timedelta(minutes=2)
"""The alarm's limit as well."""


def passes(there: Installation) -> str:
    """The watermark of every shard, read from the agenda's control rows."""
    store = WholeDynamoStore(Settings(stage=there.stage), session=_session(there))
    shards = store.shards_in_use(0)  # nought: as many as there are, and nothing is written
    if not shards:
        raise Ill("No tick has ever come: wait a minute; if it stays so, look at the coordinator's log and its rule.")
    for shard in range(shards):
        through = store.late(shard, 1).control.through
        if through is None:
            raise Ill(f"No pass has ever come to shard {shard}: look at the dispatcher's log.")
        age = watermark_age(through, there.now())
        if age > BEHIND:
            raise Ill(
                f"Shard {shard} was last handled {age.total_seconds():.0f} s ago, through {to_text(through)}: "
                "see 'watermark-old' in docs/operations.md."
            )
    return f"{shards} of {shards} shards are handled up to now"


def _session(there: Installation) -> Any:
    session = botocore.session.get_session()
    session.set_config_variable("region", there.account.region)
    return session


def dead_letters(there: Installation) -> str:
    """Messages that no function could handle, and that the auditor has not recorded yet."""
    sqs = there.account.client("sqs")
    for queue in QUEUES:
        name = f"punctual-{there.stage}-{queue}-dead"
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        attribute = "ApproximateNumberOfMessages"
        count = int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"][attribute])
        if count:
            raise Ill(
                f"{count} dead letters are in {name}: the auditor records them within five minutes; if they stay, see "
                "'dead-letters' in docs/operations.md."
            )
    return "there are none"


def alarms(there: Installation) -> str:
    """Alarms that are on, and whether anybody is told of them."""
    if there.by_chalice:
        return "chalice deploy makes none"
    pages = there.account.client("cloudwatch").get_paginator("describe_alarms")
    found = [
        each
        for page in pages.paginate(AlarmNamePrefix=f"punctual-{there.stage}-")
        for each in page.get("MetricAlarms", ())
    ]
    on = [each["AlarmName"] for each in found if each["StateValue"] == "ALARM"]
    if on:
        raise Ill(f"{', '.join(on)} is on: docs/operations.md says what that means.")
    if not found:
        raise Ill(f"There are no alarms: {there.again}.")
    return f"{len(found)} alarms, and none is on; {_told(there)}"


def _told(there: Installation) -> str:
    account = there.account
    topic = f"arn:{account.partition}:sns:{account.region}:{account.id}:punctual-{there.stage}-alarms"
    found = account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    confirmed = [each for each in found if each["SubscriptionArn"].startswith("arn:")]
    if not confirmed:
        raise Ill("Nobody is told of alarms: choose AlarmEmail for the stage, deploy, and follow the link AWS sends.")
    return f"subscribers who are told: {len(confirmed)}"
