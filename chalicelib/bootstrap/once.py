"""What a process has one of."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """One thing of this process: made when it is first asked for, unless another was put in its place.

    >>> numbers = Once(lambda: [1])
    >>> numbers() is numbers()
    True
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._making = RLock()

    def __call__(self) -> T:
        with self._making:
            if not self._made:
                self.use(self._make())
            return self._made[0]

    def use(self, thing: T) -> None:
        """Put a thing in place, for whoever asks from now on."""
        self._made[:] = [thing]
