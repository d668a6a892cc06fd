"""What is answered about groups and their members."""

from __future__ import annotations

from typing import Literal, TypedDict


class Follower(TypedDict):
    """What follows a group, and how the results before it reach it."""

    task_id: str
    name: str
    pass_results: str


class ListedGroup(TypedDict):
    """Runs that were asked for together, as lists show them."""

    id: str
    name: str
    owner: str
    order: Literal["parallel", "chain"]
    state: Literal["running", "succeeded", "failed", "cancelled"]
    total: int
    rounds: int
    then: Follower | None
    on_failure: Follower | None
    then_run: str | None
    on_failure_run: str | None
    retention_days: int
    created_at: str
    began_at: str
    finished_at: str | None


class Group(ListedGroup):
    """A group, and how far it has come."""

    counts: dict[str, int]
    done: int


class GroupMember(TypedDict):
    """One of a group's members, and the run that it became; its status is `waiting` where it has none yet."""

    index: int
    task_id: str
    name: str
    status: str
    run_id: str | None
