"""What a group must be beyond the shape of its parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.errors import FieldError
from chalicelib.core.groups.group import MOST_MEMBERS, Handing
from chalicelib.functions.arguments import KnownLater
from chalicelib.settings import Settings
from chalicelib.web.checks.actions import action_errors
from chalicelib.web.checks.collecting import child, errors_in
from chalicelib.web.checks.shapes.groups import A_MEMBER, GroupFrame, Member
from chalicelib.web.checks.tasks import LONGEST_HTTP_SECONDS

FOLLOWERS = ("then", "on_failure")
NESTED = frozenset({"group", "members", "chain"})
"""What somebody may write who means a group within a group."""
MOST_BYTES = 10_000_000
"""Of all that is defined within a group, as compact JSON: a kilobyte for each of as many members as there may be. With
`each`, a small request would else become a table's worth of tasks."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,80}", re.ASCII)


def group_errors(group: Any, settings: Settings) -> Iterator[FieldError]:
    """Everything that is wrong with a group: with the shape of each part, and with each member whose shape is right.
    Whether its tasks are there depends on whose it is: that is for the engine to say."""
    wrong = list(errors_in(group, GroupFrame))
    yield from wrong
    if not isinstance(group, dict):
        return
    chain = group.get("order") == "chain"
    if not any(error.pointer == "/members" for error in wrong):
        yield from _all_members(group["members"], settings, chain=chain)
    for name in FOLLOWERS:
        if name in group:
            yield from _member_errors(group[name], f"/{name}", settings, handed_from=0, several=False)


def _all_members(members: list[Any], settings: Settings, *, chain: bool) -> Iterator[FieldError]:
    too_much = list(_too_much(members))
    yield from too_much
    if too_much:
        return
    for number, member in enumerate(members):
        pointer, handed_from = f"/members/{number}", (0 if number else 1) if chain else None
        yield from _member_errors(member, pointer, settings, handed_from=handed_from, several=True)
        if isinstance(member, dict) and "pass_results" in member and not chain:
            detail = "is for what follows, and for members of a chain: nothing is handed to these"
            yield _error(f"{pointer}/pass_results", "not_here", detail)


def _too_much(members: list[Any]) -> Iterator[FieldError]:
    """What keeps so many members from being looked at one by one."""
    total = sum(map(_repeated, members))
    if total > MOST_MEMBERS:
        detail = f"must be {MOST_MEMBERS:,} members at most, those of `each` counted: these are {total:,}"
        yield _error("/members", "too_many", detail)
    size = sum(_repeated(member) * _size(member) for member in members)
    if size > MOST_BYTES:
        detail = (
            f"must be definitions of {MOST_BYTES:,} bytes at most, each counted as often as `each` repeats it: "
            f"these are {size:,}. Pass where the data is"
        )
        yield _error("/members", "too_large", detail)


def _repeated(member: Any) -> int:
    """How many members one of the request stands for."""
    each = member.get("each") if isinstance(member, dict) else None
    return len(each) if isinstance(each, list) else 1


def _size(member: Any) -> int:
    """Bytes of what each of them defines; of what `each` gives it, no more than the request has."""
    define = member.get("define") if isinstance(member, dict) else None
    return 0 if define is None else len(json.dumps(define, ensure_ascii=False).encode("utf-8", "replace"))


def _member_errors(
    member: Any, pointer: str, settings: Settings, *, handed_from: int | None, several: bool
) -> Iterator[FieldError]:
    """What is wrong with a member. From which of its `each` on results of others reach it, says `handed_from`: None
    where they reach none."""
    if isinstance(member, str) and _ID.fullmatch(member) is not None:
        return
    if not isinstance(member, dict):
        yield _error(pointer, "wrong_form", f"must be {A_MEMBER}")
        return
    if NESTED & member.keys():
        detail = "must be no group: one within or behind another could lead back to it. Make one group of all members"
        yield _error(pointer, "nested", detail)
        return
    wrong = [replace(error, pointer=pointer + error.pointer) for error in errors_in(member, Member)]
    yield from wrong or _sound_errors(member, pointer, settings, handed_from=handed_from, several=several)


def _sound_errors(
    member: Mapping[str, Any], pointer: str, settings: Settings, *, handed_from: int | None, several: bool
) -> Iterator[FieldError]:
    """What is wrong with a member whose shape is right."""
    if ("task" in member) is ("define" in member):
        yield _error(pointer, "wrong_form", f"must be {A_MEMBER}: one of `task` and `define`")
    elif "task" in member and "each" in member:
        yield _error(f"{pointer}/each", "not_here", "is for a definition: a task runs as it was defined")
    elif "define" in member:
        yield from _defined_errors(member, pointer, settings, handed_from=handed_from, several=several)


def _defined_errors(
    member: Mapping[str, Any], pointer: str, settings: Settings, *, handed_from: int | None, several: bool
) -> Iterator[FieldError]:
    define, first = member["define"], member.get("pass_results") == Handing.FIRST_ARGUMENT
    action = define["action"]
    if "each" in member and not (several and action["type"] == "function"):
        detail = "is for members that call a function" if several else "is for members: one thing follows, not several"
        yield _error(f"{pointer}/each", "not_here", detail)
        return
    if first and action["type"] != "function":
        yield _error(f"{pointer}/pass_results", "not_here", "has to be context: only a function has arguments")
        return
    if define.get("timeout_seconds", 0) > LONGEST_HTTP_SECONDS and action["type"] == "http":
        detail = "must be a number from 1 to 120 for an http action"
        yield _error(f"{pointer}/define/timeout_seconds", "out_of_range", detail)
    for number, arguments in enumerate(member.get("each", (None,))):
        place = f"{pointer}/define/action" if arguments is None else child(f"{pointer}/each", number)
        handed_on = handed_from is not None and number >= handed_from
        called = _called(action, arguments, first=first and handed_on)
        found = action_errors(called, settings.aws_actions_allowed)
        yield from (replace(error, pointer=place + (error.pointer if arguments is None else "")) for error in found)


def _called(action: Mapping[str, Any], arguments: Any, *, first: bool) -> Mapping[str, Any]:
    """The action as it will be performed, as far as that is known."""
    if arguments is not None:
        action = {**action, "args" if isinstance(arguments, list) else "kwargs": arguments}
    return {**action, "args": [KnownLater(), *action.get("args", [])]} if first else action


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
