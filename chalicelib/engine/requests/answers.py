"""Answers: a request that is repeated with the same idempotency key gets the answer of the first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import Conflict, FieldError, Invalid, PunctualError, Unavailable
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import Answer, User
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

KEY_LIMIT = 255
BEING_MADE, BROKEN_OFF = 0, 1
MADE_WITHIN = timedelta(seconds=60)
"""An answer that is not there by then is being made by nobody any more: the API's function has 30 s."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that may come again: since when it is being answered, and a name that is its own. What is made for it
    follows from these two, so that it is made once. `again`: somebody was at it before, and nobody knows how far."""

    begun_at: datetime
    name: str
    again: bool


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers of this installation, by account and key, kept for a day."""

    store: WholeStore
    clock: Clock

    def once(self, caller: User, key: str, request: bytes, answer: Callable[[Asked], Answer]) -> Answer:
        """The answer that the key has, or else the one that is made now. `request` is all that makes it this request.

        `Invalid` where the key was used for another request; `Conflict` while the first one is still being answered.
        A refusal keeps nothing, so that the request may be sent again. What broke off is gone on with.
        """
        if not 0 < len(key) <= KEY_LIMIT or not key.isprintable():
            raise _wrong(f"must have 1 to {KEY_LIMIT} printable characters")
        now, digest = floor_ms(self.clock.now()), hashlib.sha256(request).hexdigest()
        place = Answer(key=key, digest=digest, status=BEING_MADE, begun_at=now, body="", headers={})
        found = self.store.begin_answer(caller.id, place, now)
        if found is not None and _answered(found, digest, now):
            return found
        name = hashlib.sha256(f"{caller.id} {key}".encode()).hexdigest()
        begun = place if found is None else replace(found, status=BEING_MADE)
        asked = Asked(begun_at=begun.begun_at, name=name, again=found is not None)
        made = self._made(caller, begun, lambda: answer(asked))
        self.store.put_answer(caller.id, made, self.clock.now())
        return made

    def _made(self, caller: User, place: Answer, answer: Callable[[], Answer]) -> Answer:
        try:
            made = answer()
        except PunctualError as error:
            if isinstance(error, Unavailable):  # what was written by then, nobody knows
                self._break_off(caller, place)
            else:
                self.store.drop_answer(caller.id, place.key)
            raise
        except Exception:
            self._break_off(caller, place)
            raise
        return replace(made, key=place.key, digest=place.digest, begun_at=place.begun_at)

    def _break_off(self, caller: User, place: Answer) -> None:
        """Let the next one go on at once; where even that cannot be written, in a minute."""
        with suppress(Unavailable):
            self.store.put_answer(caller.id, replace(place, status=BROKEN_OFF), self.clock.now())


def _answered(found: Answer, digest: str, now: datetime) -> bool:
    """Whether an answer is there. Not: its making broke off."""
    if found.digest != digest:
        raise _wrong("was used for another request: use a new key")
    if found.status == BEING_MADE and now - found.begun_at <= MADE_WITHIN:
        raise Conflict("the first request with this Idempotency-Key is still being answered: try again")
    return found.status not in (BEING_MADE, BROKEN_OFF)


def _wrong(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/headers/Idempotency-Key", code="invalid_idempotency_key", detail=detail))
