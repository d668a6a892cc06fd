"""One root for every error that Punctual raises on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class PunctualError(Exception):
    """Something that Punctual itself decided to refuse. `code` is stable; the message is a sentence for people."""

    code = "error"

    @property
    def told(self) -> str:
        """What whoever asked is told; the message itself is for the log."""
        return str(self)


class IllegalMove(PunctualError):
    """A run was asked to move in a way that the table of legal moves does not have."""

    code = "illegal_move"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One thing wrong with one field: where (a JSON pointer), a stable code, and what would be right."""

    pointer: str
    code: str
    detail: str


class Invalid(PunctualError):
    """What was given cannot be accepted. Carries every field error found, not only the first."""

    code = "invalid"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{e.pointer}: {e.detail}" for e in errors))
        self.errors = errors


class WrongPassword(Invalid):
    """Somebody who is logged in gave another password than the account's."""


class NotFound(PunctualError):
    """There is no such thing, or it belongs to somebody else: the two are not told apart."""

    code = "not_found"


class Conflict(PunctualError):
    """It changed since it was read, or it exists already."""

    code = "conflict"


class QuotaReached(Conflict):
    """An account would take more of the installation than it may."""

    code = "quota_reached"


class VersionConflict(Conflict):
    """A task has another version than the caller said it had."""

    code = "version_conflict"


class NotAuthenticated(PunctualError):
    """The caller did not prove who they are."""

    code = "not_authenticated"


class NotAllowed(PunctualError):
    """The caller is known and may not do this."""

    code = "not_allowed"


class InsufficientScope(NotAllowed):
    """The token is not good for this: it lacks `scope`."""

    code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"this token lacks the scope `{scope}`: use one that has it")
        self.scope = scope


class TooMany(PunctualError):
    """It was done too often. `retry_after` is when it may be tried again."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(PunctualError):
    """A store or a queue did not do as asked, after every retry. What was asked may be asked again."""

    code = "unavailable"

    @property
    def told(self) -> str:
        """Not why: what AWS says of a refusal names accounts and roles."""
        return "this could not be done just now: send it again in a moment; the log has the reason under the request id"


class NewerSchema(Unavailable):
    """Something is stored, or was sent, in a form that only a newer version of Punctual knows. It stays as it is."""

    code = "newer_schema"

    def __init__(self, what: str, *, number: int, known: int) -> None:
        super().__init__(
            f"{what} was written by a newer version of Punctual, in form {number} where this one knows {known} at "
            "most: upgrade to that version again"
        )

    @property
    def told(self) -> str:
        return str(self)


class TooLarge(PunctualError):
    """An item does not fit into the store, which takes 400 KB."""

    code = "too_large"
