"""Reading: what the AWS command line prints of schedules and rules, one document after another or in lists.

Understood are `aws scheduler get-schedule` (and `list-schedules`, which does not say when), `aws events describe-rule`
and `list-rules` with their targets: `list-targets-by-rule` right behind the rule, or as `Targets` inside of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from punctual_cli.applying.places import Unreadable

Document = Mapping[str, Any]
LISTS = ("Schedules", "Rules")
EXPECTED = "what `aws scheduler get-schedule` or `aws events describe-rule` prints is expected"
MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """A schedule of EventBridge Scheduler, or a rule with one of its targets. `target` is None where none is known."""

    name: str
    said: Document
    target: Document | None
    rule: bool


def scheduled(text: str, file: str) -> list[Scheduled]:
    """All that a text holds."""
    found: list[Document] = []
    for document in _documents(text, file):
        if "Targets" in document and not _is_rule(document) and found and _is_rule(found[-1]):
            found[-1] = {**found[-1], "Targets": document["Targets"]}
        else:
            found += list(_single(document, file))
    return [one for document in found for one in _each(document)]


def _documents(text: str, file: str) -> Iterator[Document]:
    """The JSON documents of a text, which may stand one behind another, or in a list."""
    decoder, position = json.JSONDecoder(), 0
    while text[position:].strip():
        start = position + len(text[position:]) - len(text[position:].lstrip())
        try:
            value, position = decoder.raw_decode(text, start)
        except RecursionError as error:
            raise Unreadable(f"{file}: is nested too deeply: {EXPECTED}") from error
        except ValueError as error:
            line = text.count("\n", 0, getattr(error, "pos", start)) + 1
            raise Unreadable(f"{file}:{line}: is not JSON: {EXPECTED}") from error
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, Mapping):
                raise Unreadable(f"{file}: holds {json.dumps(item)[:40]}, where {EXPECTED}")
            yield item


def _single(document: Document, file: str) -> Iterator[Document]:
    """The schedules and rules of a document, which may be a list of the AWS command line's."""
    for name in LISTS:
        if isinstance(document.get(name), list):
            yield from (item for item in document[name] if isinstance(item, Mapping))
            return
    if not isinstance(document.get("Name"), str):
        raise Unreadable(f"{file}: an object without `Name`, where {EXPECTED}")
    yield document


def _is_rule(document: Document) -> bool:
    return ":events:" in str(document.get("Arn", "")) or "EventPattern" in document or "EventBusName" in document


def _each(document: Document) -> Iterator[Scheduled]:
    name = str(document.get("Name", ""))
    if not _is_rule(document):
        target = document.get("Target")
        yield Scheduled(name=name, said=document, target=target if isinstance(target, Mapping) else None, rule=False)
        return
    targets: list[Document | None] = [one for one in document.get("Targets") or () if isinstance(one, Mapping)]
    for target in targets or [None]:
        yield Scheduled(name=name, said=document, target=target, rule=True)
