"""For code that comes from Celery or django-background-tasks: `shared_task` and `background`, with what they promise.

```python
from chalicelib.functions.compat import background, shared_task

@shared_task(max_retries=5, time_limit=300)
def send_invoice(number: int) -> None: ...

send_invoice.delay(7)                                   # as soon as possible
send_invoice.apply_async([7], countdown=60, expires=3600, priority=9)
send_invoice.s(7).member                                # a member of POST /api/groups
send_invoice(7)                                         # here and now, as any function

@background(schedule=60)
def remind(user: str) -> None: ...

remind("ann")                                           # in a minute
remind("ann", schedule=3600, repeat=86400, repeat_until=at)
remind.now("ann")                                       # here and now
```

What is different:

* Arguments are JSON and are held against the signature when they are given, not when they are used.
* Within a function that Punctual runs, a call needs nothing: it becomes a run of the same owner, which begins with
  the next pass, within half a minute. Its id is a run's: `GET /api/runs/{id}`. No list of tasks holds it.
* From elsewhere a call goes through `punctual-client` (`PUNCTUAL_URL` and `PUNCTUAL_TOKEN`, or `punctual login`) and
  becomes a task with the tag `called`. `repeat=` makes a task that stays, and so needs the client as well.
* An attempt that raises is tried again, three times in all unless `max_retries=` says how often; Celery tries again
  only what asks for it. There is no `self`: a function that wants to know of its run takes `ctx: Context`.
* Priorities above the middle (Celery 0 to 9, background any number) are high, those below are low.
* `retry=` is about the sending, as in Celery. Here it is always tried again, and done once.
"""

from __future__ import annotations

from chalicelib.functions.compat.background import background
from chalicelib.functions.compat.calling import Called, Unreachable
from chalicelib.functions.compat.celery import Signature, shared_task

__all__ = ["Called", "Signature", "Unreachable", "background", "shared_task"]
