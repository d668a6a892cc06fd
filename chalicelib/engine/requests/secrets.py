"""Secrets of a person: given, named, deleted, and never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.core.people.account import User
from chalicelib.core.secrets.naming import KeptSecret, names, references
from chalicelib.core.task import Task
from chalicelib.logs import log
from chalicelib.ports import Secrets
from chalicelib.ports.whole import WholeStore

MOST_SECRETS = 100
"""Of an account. Parameter Store keeps 10,000 for the whole of an AWS account without a fee."""
PAGE = 100
NAMED_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class OwnSecrets:
    """Secrets of the caller. Nobody reads a value, and nobody learns of another's."""

    store: WholeStore
    secrets: Secrets

    def names(self, caller: User) -> list[KeptSecret]:
        """The caller's secrets, by name."""
        return self.secrets.names(caller.id)

    def put(self, caller: User, name: str, value: str) -> None:
        """Keep a value under a name; runs that begin a minute later use it."""
        known = {kept.name for kept in self.names(caller)}
        if name not in known and len(known) >= MOST_SECRETS:
            detail = f"would be one secret more than the {MOST_SECRETS} that an account may have: delete others first"
            raise Invalid(FieldError(pointer="/name", code="too_many", detail=detail))
        self.secrets.put(caller.id, name, value)
        log("secret_put", owner=caller.id, name=name, new=name not in known)

    def delete(self, caller: User, name: str) -> None:
        """Delete a secret that no task names; `Conflict` says which ones do."""
        if name not in {kept.name for kept in self.names(caller)}:
            raise NotFound("there is no such secret")
        users = [task.definition.name for task in self._naming(caller, name)]
        if users:
            more = f" and {len(users) - NAMED_AT_ONCE} more" if len(users) > NAMED_AT_ONCE else ""
            listed = ", ".join(repr(each) for each in users[:NAMED_AT_ONCE])
            raise Conflict(f"in use by {listed}{more}: change these tasks first")
        self.secrets.delete(caller.id, name)
        log("secret_deleted", owner=caller.id, name=name)

    def _naming(self, caller: User, name: str) -> Iterator[Task]:
        """The caller's tasks that name a secret."""
        after: str | None = None
        while True:
            page = self.store.tasks_of(caller.id, limit=PAGE, after=after)
            yield from (task for task in page.items if name in names(task.definition.action))
            after = page.after
            if after is None:
                return


def require_known(
    secrets: Secrets, owner: str, action: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """`Invalid` where an action names a secret that the task's owner does not have. What the task named `before` is not
    asked about again: a task can always be paused and renamed."""
    asked = names(action) - (frozenset() if before is None else names(before))
    errors = list(unknown_errors(action, unknown_of(secrets, owner, asked)))
    if errors:
        raise Invalid(*errors)


def unknown_of(secrets: Secrets, owner: str, asked: AbstractSet[str]) -> AbstractSet[str]:
    """Of the names of secrets, those of which the owner has none."""
    return asked - {kept.name for kept in secrets.names(owner)} if asked else asked


def unknown_errors(action: Mapping[str, Any], unknown: AbstractSet[str]) -> Iterator[FieldError]:
    """The places of an action that name one of some secrets."""
    for found in references(action):
        if found.name in unknown:
            detail = f"names a secret that there is not: give it a value with PUT /api/secrets/{found.name} first"
            yield FieldError(pointer=f"/action{found.pointer}", code="unknown_secret", detail=detail)
