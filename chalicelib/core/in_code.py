"""Schedules in code: what a deployment does about what the code says, what it said before, and what a person did since.

A deployment brings what has changed in the code. What a person has changed, paused or deleted stays so and is shown as
drift, until the code says something else of the very same field, or somebody asks for all of it to be restored. What
the code says no more is paused, and never deleted.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Document = Mapping[str, Any]
"""A task, or a part of one, as the contract writes it."""

REMOVED_REASON = "its schedule is no longer in the code"
"""Why such a task is paused. One that somebody paused for a reason of their own is not resumed."""
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH, ZEROS = 26, 10
"""An id as the others are, of the year 1970: it follows from the name, so that two deployments make one task."""


class Standing(enum.StrEnum):
    """How a schedule in code and its task stand to each other."""

    NEW = "new"
    """There is no task of it yet: it is made."""
    CHANGED = "changed"
    """The code says something else than at the last deployment, or brings it back: the task is changed."""
    AS_SAID = "as_said"
    """The task is as the code says."""
    EDITED = "edited"
    """Somebody changed the task: it stays so."""
    PAUSED = "paused"
    """Somebody paused the task, and did nothing else to it: it stays so."""
    DELETED = "deleted"
    """Somebody deleted the task: it is not made again."""
    REMOVED = "removed"
    """The code does not say it any more: the task is paused."""
    GONE = "gone"
    """The code has not said it for some time. Its task is a person's to delete."""
    UNKNOWN = "unknown"
    """The code does not say it, but a module could not be loaded: nobody knows, and nothing is done."""
    REFUSED = "refused"
    """What the code says makes no sense: `detail` says why, and the task stays as it is."""


ACTS_ON = frozenset({Standing.NEW, Standing.CHANGED, Standing.REMOVED})
"""What a deployment does something about."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is remembered of a schedule in code: what the code said last, and the task that was made of it."""

    name: str
    task_id: str
    said: Document
    gone: bool = False
    """The code does not say it any more."""
    version: int = 1

    def after(self, said: Document, *, gone: bool) -> Kept:
        """The same, one version on; the very same where nothing changes."""
        if (said, gone) == (self.said, self.gone):
            return self
        return replace(self, said=said, gone=gone, version=self.version + 1)


@dataclass(frozen=True, kw_only=True)
class There:
    """A task of a schedule in code as it stands."""

    document: Document
    reason: str = ""
    """Why it is paused."""

    @property
    def paused(self) -> bool:
        return bool(self.document["state"] == "paused")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field in which task and code differ."""

    field: str
    task: Any
    code: Any


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a deployment does. `document`: the task is written like this. `differs` is what it leaves different."""

    standing: Standing
    document: Document | None = None
    differs: tuple[Difference, ...] = ()
    gone: bool = False


def task_id_of(name: str) -> str:
    """The id of the task of a schedule in code.

    >>> task_id_of("nightly"), task_id_of("nightly") == task_id_of("nightly.weekly")
    ('000000000058xp5d9xvefhcyv3', False)
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:ZEROS], "big")
    return "0" * ZEROS + "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))


def stated(said: Document, normal: Document, kept: Kept | None, there: There | None, *, restore: bool) -> Decision:
    """About a schedule that the code says. `normal` is a whole task like that, with all that it does not say."""
    if there is None:
        if kept is None or kept.gone or restore:
            return Decision(standing=Standing.NEW, document=normal)
        return Decision(standing=Standing.DELETED)
    before: Document = {} if kept is None else kept.said
    like = {**before, **said}
    differs = [
        Difference(field=name, task=_part(there.document, name, shape), code=_part(normal, name, shape))
        for name, shape in like.items()
        if _part(there.document, name, shape) != _part(normal, name, shape)
    ]
    news = {name for name in like if kept is not None and said.get(name) != before.get(name)}
    written = [one for one in differs if restore or one.field in news]
    left = tuple(one for one in differs if one not in written)
    brought_back = kept is not None and kept.gone and there.reason == REMOVED_REASON
    resumed = there.paused and (restore or brought_back)
    if written or resumed:
        changes = {one.field: _merged(there.document, one) for one in written}
        state = {"state": "active"} if resumed else {}
        document = {**there.document, **changes, **state}
        return Decision(standing=Standing.CHANGED, document=document, differs=left)
    standing = Standing.EDITED if left else Standing.PAUSED if there.paused else Standing.AS_SAID
    return Decision(standing=standing, differs=left)


def unstated(kept: Kept, there: There | None, *, whole: bool) -> Decision:
    """About a schedule that the code said before and does not say now. `whole`: every module could be loaded."""
    if not whole:
        return Decision(standing=Standing.UNKNOWN, gone=kept.gone)
    if there is None or there.paused or kept.gone:
        return Decision(standing=Standing.GONE, gone=True)
    return Decision(standing=Standing.REMOVED, gone=True)


def _part(document: Document, name: str, shape: Any) -> Any:
    """What a document says of a field, as far as the code says anything of it: of `retry` it says one number."""
    value = document.get(name)
    if name != "retry" or not isinstance(value, Mapping) or not isinstance(shape, Mapping):
        return value
    return {each: value.get(each) for each in shape}


def _merged(document: Document, difference: Difference) -> Any:
    own = document.get(difference.field)
    if difference.field == "retry" and isinstance(own, Mapping):
        return {**own, **difference.code}
    return difference.code


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A schedule in code as it stands, for people. `done`: a deployment has just seen to it."""

    name: str
    standing: Standing
    function: str = ""
    task_id: str = ""
    schedule: Document = field(default_factory=dict)
    detail: str = ""
    differs: tuple[Difference, ...] = ()
    paused: bool = False
    done: bool = False
