"""Schedules in code become tasks: at each deployment, when Punctual starts on one machine, and when an admin says so.

Every step may be repeated, and two deployments may do them at once: a task's id follows from the schedule's name, its
creation and its changes are conditional, and what is remembered is written after it. Who loses a race looks again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.errors import Conflict, FieldError, Invalid, PunctualError
from chalicelib.core.in_code import (
    REMOVED_REASON,
    Decision,
    Kept,
    Reported,
    Standing,
    There,
    stated,
    task_id_of,
    unstated,
)
from chalicelib.core.instant import floor_ms
from chalicelib.core.names import same_name
from chalicelib.core.people.account import User
from chalicelib.core.schedule import calendars_of
from chalicelib.core.task import State, Task
from chalicelib.engine.requests.people.quotas import Quotas
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.functions import registry
from chalicelib.functions.arguments import not_json, wrong_arguments
from chalicelib.functions.declaring import Due
from chalicelib.functions.described import plain
from chalicelib.functions.registry import Registered
from chalicelib.logs import log
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

TRIES = 5
"""A schedule whose task somebody else changes at the same time is looked at again this often."""
LONGEST_DESCRIPTION = 2000
NONSENSE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What a schedule leads to that has something of another type than it should."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A schedule as the code says it: the parts of a task that it says anything of."""

    known: Registered
    due: Due
    document: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All schedules in code as they stand. Without an `owner` there is nobody yet whose tasks they could become."""

    owner: User | None
    items: tuple[Reported, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    """Modules that could not be loaded: what they said before is left as it is."""


@dataclass(frozen=True, kw_only=True)
class InCode:
    """The schedules of the functions that this process has loaded. `code_owner` is whose tasks new ones become; where
    it is empty, the first admin's."""

    store: WholeStore
    clock: Clock
    catalog: Catalog
    quotas: Quotas
    code_owner: str = ""

    def look(self) -> Report:
        """How each stands, and what a deployment would do. Nothing is changed."""
        return self._each(restore=(), act=False)

    def sync(self, restore: Collection[str] = ()) -> Report:
        """Bring what has changed in the code. `restore` names those whose tasks become as the code says, whatever a
        person did to them. What cannot be brought is told, and stops nothing else."""
        report = self._each(restore=restore, act=True)
        for one in report.items:
            if one.standing is Standing.REFUSED:
                log("schedule_refused", logging.WARNING, schedule=one.name, reason=one.detail)
            elif one.done:
                log("schedule_synced", schedule=one.name, standing=str(one.standing), task_id=one.task_id)
        return report

    def sync_if_possible(self) -> None:
        """As `sync`, where something else is going on that must not be stopped."""
        try:
            self.sync()
        except PunctualError as error:
            log("schedules_not_synced", logging.WARNING, reason=str(error))

    def joined(self, user: User) -> None:
        """Somebody has registered: if it is whose tasks schedules become, they become tasks now."""
        ours = same_name(user.username) == same_name(self.code_owner) if self.code_owner else user.is_admin
        if ours:
            self.sync_if_possible()

    def owner(self) -> User | None:
        """Whose tasks new ones become; None while there is nobody."""
        if self.code_owner:
            return self.store.user_named(self.code_owner)
        admins = self.store.admins()
        return self.store.user(min(admins)) if admins else None  # ids are in the order of time

    def _each(self, *, restore: Collection[str], act: bool) -> Report:
        owner, broken = self.owner(), registry.broken()
        said = _said(registry.registered())
        if owner is None:
            return Report(owner=None, items=tuple(map(_waiting, said.values())), broken=broken)
        kept = {one.name: one for one in self.store.schedules_in_code()}
        unknown = sorted(set(restore) - said.keys())
        if unknown:
            detail = f"names {unknown[0]}, which no function says in the code: known are {', '.join(sorted(said))}"
            raise Invalid(FieldError(pointer="/restore", code="unknown_value", detail=detail))
        there = self.store.tasks([task_id_of(name) for name in said.keys() | kept.keys()])
        items = []
        for name in sorted(said.keys() | kept.keys()):
            found = there.get(task_id_of(name))
            one = _One(system=self, owner=owner, name=name, said=said.get(name), whole=not broken)
            items.append(one.seen_to(kept.get(name), found, restore=name in restore, act=act))
        return Report(owner=owner, items=tuple(item for item in items if item is not None), broken=broken)


@dataclass(frozen=True, kw_only=True)
class _One:
    """One schedule in code, said now or before."""

    system: InCode
    owner: User
    name: str
    said: Said | None
    whole: bool

    def seen_to(self, kept: Kept | None, there: Task | None, *, restore: bool, act: bool) -> Reported | None:
        """How it stands, once what is to be done is done. None: it is forgotten."""
        try:
            return self._seen_to(kept, there, restore=restore, act=act)
        except Invalid as error:
            detail = "; ".join(f"{one.pointer or 'it'} {one.detail}" for one in error.errors)
        except PunctualError as error:
            detail = str(error)
        return self._reported(Decision(standing=Standing.REFUSED), there, detail=detail)

    def _seen_to(self, kept: Kept | None, there: Task | None, *, restore: bool, act: bool) -> Reported | None:
        for _ in range(TRIES):
            decision = self._decided(kept, there, restore=restore)
            if not act:
                return self._reported(decision, there)
            try:
                task = self._performed(decision, there)
            except Conflict:  # somebody was quicker: another deployment, or a person
                there = self.system.store.task(task_id_of(self.name))
                continue
            self._remembered(decision, kept, task)
            forgotten = self.said is None and task is None and decision.standing is Standing.GONE
            return None if forgotten else self._reported(decision, task, done=task is not there)
        raise Conflict("its task is being changed by others all the time: sync again")

    def _decided(self, kept: Kept | None, there: Task | None, *, restore: bool) -> Decision:
        state = None if there is None else There(document=tasks.to_json(there.definition), reason=there.pause_reason)
        if self.said is not None:
            _check(self.said)
            return stated(self.said.document, self._normal(self.said, there), kept, state, restore=restore)
        if kept is None:
            raise AssertionError(self.name)
        return unstated(kept, state, whole=self.whole)

    def _normal(self, said: Said, there: Task | None) -> dict[str, Any]:
        """A whole task as the code says, with all that it does not say."""
        old = None if there is None else there.definition.schedule
        owner = self.owner.id if there is None else there.owner
        try:
            calendars = self.system.catalog.named_calendars(owner, said.document["schedule"])
            definition = tasks.from_json(
                said.document,
                floor_ms(self.system.clock.now()),
                seed=task_id_of(self.name),
                keeping=old,
                calendars=({} if old is None else calendars_of(old)) | calendars,
            )
        except Invalid as error:
            raise Invalid(*(replace(one, pointer=f"/schedule{one.pointer}") for one in error.errors)) from error
        except NONSENSE as error:
            detail = f"makes no sense ({type(error).__name__}: {error})"
            raise Invalid(FieldError(pointer="/schedule", code="wrong_form", detail=detail)) from error
        return tasks.to_json(definition)

    def _performed(self, decision: Decision, there: Task | None) -> Task | None:
        """The task as it is then. `Conflict` where it is not as it was read."""
        catalog, quotas = self.system.catalog, self.system.quotas
        if decision.standing is Standing.REMOVED and there is not None:
            paused = tasks.to_json(there.definition) | {"state": str(State.PAUSED)}
            owner = self._owner_of(there)
            return catalog.replace(owner, there.id, paused, version=there.version, reason=REMOVED_REASON)
        if decision.document is None:
            return there
        document = dict(decision.document)
        if there is None:
            quotas.admit_new(self.owner, document)
            return catalog.create(self.owner, document, known_as=task_id_of(self.name))
        quotas.admit_change(there, document)
        return catalog.replace(self._owner_of(there), there.id, document, version=there.version)

    def _owner_of(self, task: Task) -> User:
        """A task keeps its owner, whoever new ones belong to."""
        found = self.owner if task.owner == self.owner.id else self.system.store.user(task.owner)
        if found is None:
            raise Conflict("its task belongs to nobody")
        return found

    def _remembered(self, decision: Decision, kept: Kept | None, task: Task | None) -> None:
        """Who loses this has nothing to do: another deployment has just written the same, or what is newer."""
        store = self.system.store
        if self.said is not None:
            document = self.said.document
            first = Kept(name=self.name, task_id=task_id_of(self.name), said=document)
            after = first if kept is None else kept.after(document, gone=False)
        elif kept is not None and task is None and decision.standing is Standing.GONE:
            store.drop_schedule_in_code(self.name)
            return
        elif kept is not None:
            after = kept.after(kept.said, gone=decision.gone)
        if after is not kept:
            store.put_schedule_in_code(after)

    def _reported(self, decision: Decision, task: Task | None, *, detail: str = "", done: bool = False) -> Reported:
        said = self.said
        return Reported(
            name=self.name,
            standing=decision.standing,
            function="" if said is None else said.known.name,
            task_id="" if task is None else task.id,
            schedule={} if said is None else _shown(said.due),
            detail=detail,
            differs=decision.differs,
            paused=task is not None and not task.active,
            done=done,
        )


def _waiting(said: Said) -> Reported:
    """A schedule in code while there is nobody whose task it could become."""
    name, detail = said.document["name"], "waits for the account whose task it is to be"
    return Reported(
        name=name, standing=Standing.NEW, function=said.known.name, schedule=_shown(said.due), detail=detail
    )


def _shown(due: Due) -> Mapping[str, Any]:
    """A schedule, for people; one that holds what is no JSON is not shown."""
    found = plain(dict(due.schedule))
    return found if isinstance(found, Mapping) else {}


def _said(functions: Iterable[Registered]) -> dict[str, Said]:
    """Every schedule that the code says, by its stable name."""
    return {
        name: Said(known=known, due=due, document=_document(name, known, due))
        for known in functions
        for name, due in known.schedules.items()
    }


def _document(name: str, known: Registered, due: Due) -> dict[str, Any]:
    """What of a task the code says."""
    action: dict[str, Any] = {"type": "function", "name": known.name}
    action |= {"args": plain(list(due.args))} if due.args else {}
    action |= {"kwargs": plain(dict(due.kwargs))} if due.kwargs else {}
    does = "".join(one for one in known.description.partition("\n")[0] if one.isprintable())
    description = {"description": does[:LONGEST_DESCRIPTION]} if does else {}
    return {"name": name, "action": action, "schedule": dict(due.schedule)} | description | dict(known.policies)


def _check(said: Said) -> None:
    """`Invalid` for what no task can have: arguments that the function does not take, or that are no JSON."""
    strange = not_json(said.known.name, said.due.args, said.due.kwargs)
    if strange is not None:
        raise Invalid(FieldError(pointer="/action", code="not_json", detail=strange))
    if not_json("", [], said.due.schedule) is not None:
        raise Invalid(FieldError(pointer="/schedule", code="not_json", detail="holds what is no JSON"))
    wrong = list(wrong_arguments(said.known, said.due.args, said.due.kwargs))
    if wrong:
        raise Invalid(*(replace(one, pointer=f"/action{one.pointer}") for one in wrong))
