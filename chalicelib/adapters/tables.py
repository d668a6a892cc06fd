"""The four tables: what their items hold, as pynamodb models.

The models name keys, attributes and their types; requests' expressions are written with them, and items are read and
written through their attributes. They know neither stage nor connection, so that nothing of one stage is shared with
another: a store adds its stage's table names.

Every item carries in `v` the number of its form, which `dynamo/schema.py` counts; an item without it is of form 1.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import Attribute, BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.constants import NUMBER, STRING
from pynamodb.models import Model

from chalicelib.core.instant import from_ms, to_ms


class IntegerAttribute(Attribute[int]):
    """A whole number."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class InstantAttribute(Attribute[datetime]):
    """An instant, as milliseconds since 1970."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        return str(to_ms(value))

    def deserialize(self, value: str) -> datetime:
        return from_ms(int(value))


class ExpiryAttribute(Attribute[datetime]):
    """When DynamoDB may remove the item: its time to live wants seconds since 1970."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        return str(to_ms(value) // 1000)

    def deserialize(self, value: str) -> datetime:
        return from_ms(int(value) * 1000)


class DurationAttribute(Attribute[timedelta]):
    """A duration, as whole seconds."""

    attr_type = NUMBER

    def serialize(self, value: timedelta) -> str:
        return str(value // timedelta(seconds=1))

    def deserialize(self, value: str) -> timedelta:
        return timedelta(seconds=int(value))


class JsonAttribute(Attribute[Any]):
    """Any JSON value, as its shortest text."""

    attr_type = STRING

    def serialize(self, value: Any) -> str:
        return shortest_json(value)

    def deserialize(self, value: str) -> Any:
        return json.loads(value)


class TextAttribute(UnicodeAttribute):
    """Text that a program printed: what UTF-8 cannot hold becomes a question mark."""

    def serialize(self, value: str) -> str:
        return value.encode("utf-8", "replace").decode()


def shortest_json(value: Any) -> str:
    """JSON without spaces, and with escapes only where UTF-8 has no form for a character."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


class TaskItem(Model):
    """A task. `definition` and `superseded` are JSON of their own formats, which `v` counts as well."""

    id = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()
    shard = IntegerAttribute()
    version = IntegerAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    changed_at = InstantAttribute()
    name = UnicodeAttribute()
    """For who looks into the table; the definition says it as well."""
    definition = JsonAttribute()
    superseded = JsonAttribute(null=True)
    pause_reason = UnicodeAttribute(null=True)
    expires_at = ExpiryAttribute(null=True)
    """Of trials, and of what functions have called."""
    v = IntegerAttribute(null=True)


class AgendaItem(Model):
    """An agenda entry, whose key says everything; or a late partition's control row; or what is known of them all."""

    partition = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    nonce = UnicodeAttribute(null=True)
    """Of late entries: which write of it this is."""
    v = IntegerAttribute(null=True)
    expires_at = ExpiryAttribute(null=True)
    through = InstantAttribute(null=True)
    cursor = UnicodeAttribute(null=True)
    hinting_since = InstantAttribute(null=True)
    hinting_after = UnicodeAttribute(null=True)
    """Of a jump on its way: the last task that was hinted at, empty for none."""
    skipped_from = InstantAttribute(null=True)
    skipped_to = InstantAttribute(null=True)
    token = UnicodeAttribute(null=True)
    lease_until = InstantAttribute(null=True)
    shards = IntegerAttribute(null=True)
    """Of the one row that says how many shards there have ever been."""
    recorded = InstantAttribute(null=True)
    ended = InstantAttribute(null=True)
    looked = InstantAttribute(null=True)
    chains_at = InstantAttribute(null=True)
    chains_after = UnicodeAttribute(null=True)
    """Of the one row that says how far the auditor has come."""


class RunItem(Model):
    """A run; or the output of one of its attempts, where that is long; or the slot of a task; or a group, the members
    of one of its sections, or which of these have ended."""

    task_id = UnicodeAttribute(hash_key=True)
    due_key = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    trigger = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    token = UnicodeAttribute(null=True)
    retention = DurationAttribute(null=True)
    lease_until = InstantAttribute(null=True)
    finished_at = InstantAttribute(null=True)
    attempts = JsonAttribute(null=True)
    result = JsonAttribute(null=True)
    error = JsonAttribute(null=True)
    coalesced = JsonAttribute(null=True)
    part = JsonAttribute(null=True)
    """Of a run that a group asked for: which group, its round, and what the run is to it."""
    group = JsonAttribute(null=True)
    """Of a group: all but what has an attribute of its own."""
    members = JsonAttribute(null=True)
    """Of a section of a group: its members."""
    marks = UnicodeSetAttribute(null=True)
    """Of a section of a group: which of its members have ended, and how."""
    attention = UnicodeAttribute(null=True)
    """The owner, while the run needs attention; key of a sparse index."""
    feed = UnicodeAttribute(null=True)
    """The owner, where the stage keeps a list of runs across tasks; key of a sparse index."""
    output = TextAttribute(null=True)
    due_at = InstantAttribute(null=True)
    """Of a slot: the due time of the run that has it."""
    waiting = InstantAttribute(null=True)
    """Of a slot: the due time of the run that waits for it."""
    v = IntegerAttribute(null=True)
    expires_at = ExpiryAttribute()


class AccountItem(Model):
    """A small thing of an owner: what kind, its `id` says."""

    owner = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    user_id = UnicodeAttribute(null=True)
    username = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    role = UnicodeAttribute(null=True)
    can_run_commands = BooleanAttribute(null=True)
    can_call_aws = BooleanAttribute(null=True)
    epoch = IntegerAttribute(null=True)
    version = IntegerAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    created_at = InstantAttribute(null=True)
    ends_at = InstantAttribute(null=True)
    """When a token or an invitation stops being one, to the millisecond; a token without it never does."""
    name = UnicodeAttribute(null=True)
    scopes = JsonAttribute(null=True)
    last_used_at = InstantAttribute(null=True)
    previous_digest = UnicodeAttribute(null=True)
    previous_until = InstantAttribute(null=True)
    """Of a token whose secret was replaced: the one before, and until when that counts."""
    invited_by = UnicodeAttribute(null=True)
    used_by = UnicodeAttribute(null=True)
    """Of an invitation: who made it, and the account that was made with it."""
    admins = JsonAttribute(null=True)
    """Of the one row that names all admins: their ids in order."""
    nonce = UnicodeAttribute(null=True)
    """Of an answer's place: which request keeps it."""
    digest = UnicodeAttribute(null=True)
    """Of a token's or an invitation's text, or of the request that an answer is for."""
    status = IntegerAttribute(null=True)
    begun_at = InstantAttribute(null=True)
    body = UnicodeAttribute(null=True)
    headers = JsonAttribute(null=True)
    updated_at = InstantAttribute(null=True)
    spans = JsonAttribute(null=True)
    """Of a calendar: begin and end of each span in milliseconds."""
    counted = IntegerAttribute(null=True)
    secret = UnicodeAttribute(null=True)
    act = JsonAttribute(null=True)
    alert = JsonAttribute(null=True)
    """Of a task: what its owner was told of it, in a format of its own."""
    in_code = JsonAttribute(null=True)
    """Of a schedule in code: its task, what the code said of it last, and whether it says so still."""
    used_tasks = IntegerAttribute(null=True)
    used_bytes = IntegerAttribute(null=True)
    used_runs = IntegerAttribute(null=True)
    v = IntegerAttribute(null=True)
    expires_at = ExpiryAttribute(null=True)


TABLES: dict[type[Model], str] = {TaskItem: "tasks", AgendaItem: "agenda", RunItem: "runs", AccountItem: "accounts"}
"""Each model's table, by the name that every stage has one of."""
