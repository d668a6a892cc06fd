"""The entries of an SQS batch: checked together, answered one by one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bench.accounting.wire import Parameters, Refused

MAX_BATCH = 10  # entries in one request
_ENTRY_ID = re.compile(r"[\w-]{1,80}", re.ASCII).fullmatch

Entry = dict[str, Any]


def checked_entries(parameters: Parameters) -> list[Entry]:
    """The entries of a batch; what is wrong with their number or their ids refuses all of them."""
    entries: list[Entry] = parameters.get("Entries", [])
    if not entries:
        raise Refused("EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request.")
    if len(entries) > MAX_BATCH:
        raise Refused(
            "TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are {MAX_BATCH}. You have sent {len(entries)}.",
        )
    ids = [entry["Id"] for entry in entries]
    if not all(map(_ENTRY_ID, ids)):
        raise Refused(
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
            "It can be at most 80 letters long.",
        )
    if len(set(ids)) != len(ids):
        raise Refused("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
    return entries


def each(entries: list[Entry], perform: Callable[[Entry], Parameters]) -> Parameters:
    """The answer of a batch: what succeeded and what failed, by the ids of its entries."""
    answer: dict[str, list[Parameters]] = {"Successful": [], "Failed": []}
    for entry in entries:
        try:
            answer["Successful"].append({"Id": entry["Id"], **perform(entry)})
        except Refused as refused:
            failure = {"Id": entry["Id"], "SenderFault": True, "Code": refused.code, "Message": refused.message}
            answer["Failed"].append(failure)
    return {name: found for name, found in answer.items() if found}
