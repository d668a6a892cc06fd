"""Written: a beat schedule in Python, as it stands in a project's settings. It is read and never executed.

Understood are literals, `crontab(…)`, `timedelta(…)`, `schedule(…)` and `solar(…)`, in a dictionary alone or named:
`beat_schedule = {…}`, `CELERY_BEAT_SCHEDULE = {…}`, `app.conf.beat_schedule = {…}`,
`app.conf.update(beat_schedule={…})`, `app.conf.beat_schedule.update({…})` and `app.conf.beat_schedule["name"] = {…}`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from punctual_cli.applying.places import Unreadable
from punctual_cli.importing.celery.periodic import Crontab, Every, Solar, Unknown

NAMES = ("beat_schedule", "celerybeat_schedule", "celery_beat_schedule")
ADDED = "add_periodic_task("
DUMP = "Where code puts it together, import what `json.dumps(app.conf.beat_schedule, default=str)` makes of it"
LONGEST_RANGE = 100


def written_schedule(text: str, file: str) -> Mapping[str, Any]:
    """The entries of a beat schedule, by their names; what is none of the forms above is `Unknown` in its place."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = file if line is None else f"{file}:{line}"
        what = "is neither JSON nor Python that can be read"
        hint = "; what `repr` prints of a crontab is neither: give the source" if "<crontab" in text else ""
        raise Unreadable(f"{where}: {what}: {getattr(error, 'msg', error)}{hint}") from error
    found = [value for node in ast.walk(tree) for value in _given(node)]
    if not found and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        found = [tree.body[0].value]
    dictionaries = [value for value in found if isinstance(value, ast.Dict)]
    if not dictionaries:
        hint = "; what `add_periodic_task` adds is known to the running program only" if ADDED in text else ""
        told = f"{file}: has no beat schedule: a dictionary, or `beat_schedule = {{…}}`, is looked for{hint}. {DUMP}"
        raise Unreadable(told)
    return {name: value for one in dictionaries for name, value in _entries(one, file)}


def _given(node: ast.AST) -> list[ast.expr]:
    """What is given to a name that beat schedules have."""
    match node:
        case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_schedule(target):
            return [value]
        case ast.Assign(targets=targets, value=value) if any(_is_schedule(target) for target in targets):
            return [value]
        case ast.Assign(targets=[ast.Subscript(value=target, slice=key)], value=value) if _is_schedule(target):
            return [ast.copy_location(ast.Dict(keys=[key], values=[value]), value)]
        case ast.keyword(arg=str(name), value=value) if name.lower() in NAMES:
            return [value]
        case ast.Call(func=ast.Attribute(value=target, attr="update"), args=[value]) if _is_schedule(target):
            return [value]
    return []


def _is_schedule(target: ast.AST) -> bool:
    name = target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
    return name.lower() in NAMES


def _entries(node: ast.Dict, file: str) -> list[tuple[str, Any]]:
    entries = []
    for key, value in zip(node.keys, node.values, strict=True):
        line = value.lineno
        if key is None:
            raise Unreadable(f"{file}:{line}: `**` brings in another dictionary: write its entries out")
        entries.append((str(value_of(key)), value_of(value)))
    return entries


def value_of(node: ast.expr) -> Any:
    """The value of an expression; `Unknown`, with its text, for what only a running program knows."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Dict() if None not in node.keys:
            pairs = zip(node.keys, node.values, strict=True)
            return {str(value_of(key)): value_of(value) for key, value in pairs if key is not None}
        case ast.List() | ast.Tuple() | ast.Set():
            return [value_of(item) for item in node.elts]
        case _:
            return _worked_out(node)


def _worked_out(node: ast.expr) -> Any:
    """The value of what stands for a number, or of a call."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BinOp(op=ast.Mult()):
            return _product(node)
        case ast.Call():
            return _called(node)
        case _:
            return Unknown(text=ast.unparse(node))


def _product(node: ast.BinOp) -> Any:
    """`60 * 5`, as intervals are often written."""
    left, right = value_of(node.left), value_of(node.right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left * right
    return Unknown(text=ast.unparse(node))


def _called(node: ast.Call) -> Any:
    function = node.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    args = [value_of(argument) for argument in node.args]
    given = {argument.arg: value_of(argument.value) for argument in node.keywords if argument.arg is not None}
    unknown = Unknown(text=ast.unparse(node))
    make = _CALLS.get(name)
    if make is None or any(isinstance(value, Unknown) for value in (*args, *given.values())):
        return unknown
    try:
        return make(*args, **given)
    except (TypeError, ValueError, OverflowError):
        return unknown


def _crontab(
    minute: Any = "*",
    hour: Any = "*",
    day_of_week: Any = "*",
    day_of_month: Any = "*",
    month_of_year: Any = "*",
    **_: Any,
) -> Crontab:
    """In the order in which Celery takes them."""
    return Crontab(
        minute=_field(minute),
        hour=_field(hour),
        day_of_week=_field(day_of_week),
        day_of_month=_field(day_of_month),
        month_of_year=_field(month_of_year),
    )


def _field(given: Any) -> str:
    return ",".join(str(one) for one in given) if isinstance(given, list) else str(given).replace(" ", "")


def _schedule(run_every: Any = None, **_: Any) -> Every:
    if isinstance(run_every, Every):
        return run_every
    return Every(step=timedelta(seconds=run_every))


def _timedelta(*args: Any, **given: Any) -> Every:
    return Every(step=timedelta(*args, **given))


def _solar(event: str, lat: Any = None, lon: Any = None, **_: Any) -> Solar:
    return Solar(event=event, latitude=lat, longitude=lon)


def _range(*args: int) -> list[int]:
    numbers = range(*args)
    if len(numbers) > LONGEST_RANGE:
        raise ValueError("longer than any field")
    return list(numbers)


_CALLS: Mapping[str, Callable[..., Any]] = {
    "crontab": _crontab,
    "timedelta": _timedelta,
    "schedule": _schedule,
    "solar": _solar,
    "range": _range,
    "list": lambda items: items,
    "tuple": lambda items: items,
    "dict": lambda **given: given,
}
