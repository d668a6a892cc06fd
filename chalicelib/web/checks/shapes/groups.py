"""The shapes of groups, from which they are checked and described."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.groups.group import MOST_MEMBERS, Handing, Order
from chalicelib.core.task import Delivery, Priority
from chalicelib.web.checks.shapes.actions import Action
from chalicelib.web.checks.shapes.tasks import Retry
from chalicelib.web.checks.shapes.values import Name

A_MEMBER = 'the id of a task, {"task": "its id"} or {"define": {"name": …, "action": …}}'


class Definition(Struct, forbid_unknown_fields=True):
    """What a member does that is defined within its group: a task without a schedule."""

    name: Name
    action: Action
    timeout_seconds: Annotated[float, Meta(ge=1, le=840, description="a number from 1 to 840")] = 60
    retry: Annotated[Retry, Meta(description="an object")] | UnsetType = UNSET
    delivery: Annotated[Delivery, Meta(description=f"one of {', '.join(Delivery)}")] = Delivery.AT_LEAST_ONCE
    priority: Annotated[Priority, Meta(description=f"one of {', '.join(Priority)}")] = Priority.NORMAL


class Member(Struct, forbid_unknown_fields=True):
    """A member of a group, or what follows it: a task by its id, or a definition. `each` makes one member of every set
    of arguments for the function that the definition calls."""

    task: (
        Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{1,80}\Z", description="the id of one of your tasks")] | UnsetType
    ) = UNSET
    define: Annotated[Definition, Meta(description="an object with a name and an action")] | UnsetType = UNSET
    each: (
        Annotated[
            list[Annotated[list[Any] | dict[str, Any], Meta(description="a list of arguments, or an object")]],
            Meta(min_length=1, max_length=MOST_MEMBERS, description="a list of 1 to 10,000 lists or objects"),
        ]
        | UnsetType
    ) = UNSET
    pass_results: Annotated[Handing, Meta(description=f"one of {', '.join(Handing)}")] = Handing.CONTEXT


AnyMember = Annotated[str | Member, Meta(description=A_MEMBER)]


class GroupFrame(Struct, forbid_unknown_fields=True):
    """A group, its members not looked at."""

    name: Name
    members: Annotated[
        list[Any],
        Meta(min_length=1, max_length=MOST_MEMBERS, description=f"a list of 1 to 10,000 members: {A_MEMBER}"),
    ]
    order: Annotated[Order, Meta(description=f"one of {', '.join(Order)}")] = Order.PARALLEL
    then: Any = UNSET
    on_failure: Any = UNSET
    retention_days: Annotated[int, Meta(ge=1, le=365, description="a whole number from 1 to 365")] = 30


class Group(GroupFrame, forbid_unknown_fields=True):
    """Tasks that run together, or one after the other, and what follows when all have succeeded, or not."""

    members: Annotated[
        list[AnyMember], Meta(min_length=1, max_length=MOST_MEMBERS, description="a list of 1 to 10,000 members")
    ]
    then: AnyMember | UnsetType = UNSET
    on_failure: AnyMember | UnsetType = UNSET
