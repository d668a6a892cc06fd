"""Answers: a request that is repeated with the same idempotency key gets the answer of the first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.core.account import Answer, User
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.ports import Clock, Store

KEY_LIMIT = 255
BEING_MADE = 0


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers of this installation, by account and key, kept for a day."""

    store: Store
    clock: Clock

    def once(self, caller: User, key: str, request: bytes, answer: Callable[[], Answer]) -> Answer:
        """The answer that the key has, or else the one that is made now. `request` is all that makes it this request.

        `Invalid` where the key was used for another request; `Conflict` while the first one is still being answered.
        An answer that raises keeps nothing, so that the request may be repeated.
        """
        if not 0 < len(key) <= KEY_LIMIT or not key.isprintable():
            raise _wrong(f"must have 1 to {KEY_LIMIT} printable characters")
        digest = hashlib.sha256(request).hexdigest()
        place = Answer(key=key, digest=digest, status=BEING_MADE, body="", headers={})
        found = self.store.begin_answer(caller.id, place, self.clock.now())
        if found is not None:
            return _repeated(found, digest)
        try:
            made = answer()
        except BaseException:
            self.store.drop_answer(caller.id, key)
            raise
        self.store.put_answer(caller.id, replace(made, key=key, digest=digest), self.clock.now())
        return made


def _repeated(found: Answer, digest: str) -> Answer:
    if found.digest != digest:
        raise _wrong("was used for another request: use a new key")
    if found.status == BEING_MADE:
        raise Conflict("the first request with this Idempotency-Key is still being answered: try again")
    return found


def _wrong(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/headers/Idempotency-Key", code="invalid_idempotency_key", detail=detail))
