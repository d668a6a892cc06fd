"""Copy this file to write functions of your own.

1. Copy it beside itself under a name of your own, such as `chalicelib/functions/invoices.py`.
2. Write plain Python functions and put `@function` above those that tasks may call. Their names must differ from
   those of all other functions; `@function(name="...")` gives one another name than it has in Python.
3. Start again (`make run`) or deploy again. `GET /api/functions` now lists them, and a task calls one with
   `{"type": "function", "name": "count_words", "args": ["to be or not to be"], "kwargs": {"distinct": true}}`.

What else `@function` takes, for tasks that say nothing themselves: `retries=2`, `timeout=300` (seconds),
`overlap="skip"`, `priority="high"`. And `schedule=`, which makes tasks of it at each deployment, under names that stay:

    from chalicelib.functions import Context, cron, function

    @function(timeout=300, schedule=cron("30 2 * * *", tz="Europe/Paris"))
    def nightly(to: str = "everybody", *, ctx: Context) -> None:
        ctx.logger.info("attempt %s of %s, %s left", ctx.attempt, ctx.run_id, ctx.remaining())

* `every(minutes=60)`, `cron(expression, tz=...)`, `once(instant)`, or a list of them, each but one with a `name=` of
  its own; `args=` and `kwargs=` are what it is called with. Take a schedule out, and its task is paused, never deleted.
* A parameter `ctx` is given by Punctual: `run_id`, `task_id`, `due_at`, `attempt`, `deadline`, `remaining()`,
  `logger` (whose lines stand in the run's output) and `results` (of the members before it, in a group).
* For code from Celery or django-background-tasks, `chalicelib.functions.compat` has `shared_task` and `background`.
* All of it is in `docs/functions.md`.

What to know:

* Arguments come as JSON: text, numbers, true, false, null, lists, objects. They are held against your annotations when
  a task is created. What you return should be JSON too, and small (16 KB); it becomes the run's `result`.
* What you print becomes the run's output, up to 64 KB. An exception makes the attempt fail, its traceback is in the
  output, and the task's retry policy decides what comes next. So raise, do not hide.
* Raise early, and make it harmless to be called twice: a worker that dies in the middle is followed by another.
* At the task's timeout the attempt is recorded as timed out, and the function is interrupted as soon as it executes
  Python again; one that waits inside C (`time.sleep`, a socket without a timeout) goes on until it comes back. Give
  everything that waits a timeout.
* Functions run in Punctual's own worker, several at once in threads, with the worker's rights: they are your code, as
  trusted as the rest of your deployment. What is not trusted belongs into a command.
* What you import must be in `requirements.txt`, and importing a module should do nothing else.
"""

from __future__ import annotations

from chalicelib.functions import function


@function
def count_words(text: str, distinct: bool = False) -> int:
    """Count the words of a text, or only the distinct ones."""
    words = text.split()
    counted = len(set(words)) if distinct else len(words)
    print(f"{counted} words")
    return counted
