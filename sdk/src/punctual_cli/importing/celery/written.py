"""Written: a beat schedule in Python, as it stands in a project's settings. It is read and never executed.

Understood are literals, `crontab(…)`, `timedelta(…)`, `schedule(…)` and `solar(…)`, in a dictionary alone or named:
`beat_schedule = {…}`, `CELERY_BEAT_SCHEDULE = {…}`, `app.conf.beat_schedule = {…}`,
`app.conf.update(beat_schedule={…})`, `app.conf.update({"beat_schedule": {…}})`, `app.conf.beat_schedule.update({…})`,
`app.conf.beat_schedule |= {…}` and `app.conf.beat_schedule["name"] = {…}`. What else adds to it is told, line by line.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from punctual_cli.applying.places import Unreadable
from punctual_cli.importing.celery.periodic import Crontab, Every, Solar, Unknown

NAMES = ("beat_schedule", "celerybeat_schedule", "celery_beat_schedule")
ADDED = "add_periodic_task"
DUMP = "Where code puts it together, import what `json.dumps(app.conf.beat_schedule, default=str)` makes of it"
LONGEST_RANGE = 100


def written_schedule(text: str, file: str) -> Mapping[str, Any]:
    """The entries of a beat schedule, by their names; what is none of the forms above is `Unknown` in its place, under
    the line where it stands."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = file if line is None else f"{file}:{line}"
        what = "is neither JSON nor Python that can be read"
        hint = "; what `repr` prints of a crontab is neither: give the source" if "<crontab" in text else ""
        raise Unreadable(f"{where}: {what}: {getattr(error, 'msg', error)}{hint}") from error
    found = [part for node in ast.walk(tree) for value in _given(node) for part in _parts(value)]
    if not found and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        found = [tree.body[0].value]
    if not any(isinstance(part, ast.Dict) for part in found):
        hint = f"; what `{ADDED}` adds is known to the running program only" if ADDED in text else ""
        told = f"{file}: has no beat schedule: a dictionary, or `beat_schedule = {{…}}`, is looked for{hint}. {DUMP}"
        raise Unreadable(told)
    return {name: value for part in found for name, value in _entries(part, file)}


def _given(node: ast.AST) -> list[ast.expr]:
    """What is given to a name that beat schedules have."""
    match node:
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return _assigned(node)
        case ast.keyword(arg=str(name), value=value) if name.lower() in NAMES:
            return [value]
        case ast.Dict():
            return [value for key, value in zip(node.keys, node.values, strict=True) if _names_one(key)]
        case ast.Call():
            return _added(node)
    return []


def _assigned(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if node.value is None:
        return []
    if any(_is_schedule(target) for target in targets):
        return [node.value]
    match targets:
        case [ast.Subscript(value=target, slice=key)] if _is_schedule(target):
            return [ast.copy_location(ast.Dict(keys=[key], values=[node.value]), node.value)]
    return []


def _added(call: ast.Call) -> list[ast.expr]:
    """What a call adds; of `add_periodic_task` the call itself, for what it names is not here."""
    match call.func:
        case ast.Attribute(value=target, attr="update") if _is_schedule(target):
            return [*call.args, *([_of_keywords(call)] if call.keywords else [])]
        case ast.Attribute(attr=name) | ast.Name(id=name) if name == ADDED:
            return [call]
    return []


def _parts(value: ast.expr) -> list[ast.expr]:
    """What a value is put together from: dictionaries, and what cannot be read. A schedule that is given on, stands
    elsewhere."""
    match value:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_parts(left), *_parts(right)]
        case ast.Call(func=ast.Name(id="dict"), args=args):
            return [part for one in args for part in _parts(one)] + ([_of_keywords(value)] if value.keywords else [])
        case ast.Constant(value=None):
            return []
    return [] if _is_schedule(value) else [value]


def _of_keywords(call: ast.Call) -> ast.Dict:
    """`name={…}` of a call, as a dictionary."""
    keys = [None if one.arg is None else ast.copy_location(ast.Constant(one.arg), one.value) for one in call.keywords]
    return ast.copy_location(ast.Dict(keys=[*keys], values=[one.value for one in call.keywords]), call)


def _names_one(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and str(key.value).lower() in NAMES


def _is_schedule(target: ast.AST) -> bool:
    name = target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
    return name.lower() in NAMES


def _entries(node: ast.expr, file: str) -> list[tuple[str, Any]]:
    if not isinstance(node, ast.Dict):
        return [(f"line {node.lineno}", Unknown(text=ast.unparse(node)))]
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
