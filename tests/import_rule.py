"""The import rule of the house: arrows go down only, siblings do not know each other, and there is no circle.

    app
    chalicelib.web
    chalicelib.bootstrap
    chalicelib.engine | chalicelib.adapters | chalicelib.actions
    chalicelib.ports  | chalicelib.functions
    chalicelib.core
    chalicelib.settings | chalicelib.logs | chalicelib.metrics

`chalicelib.core` imports the standard library alone, but for croniter in `schedule/cron.py`. The house does not know
`infra`, `bench` and `tests`, which stand around it. No import of our own hides in a function or behind TYPE_CHECKING.

`sdk` is a house of its own, punctual_cli above punctual_client: it knows nothing of this one, nor this one of it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

FLOORS = (
    ("app",),
    ("chalicelib.web",),
    ("chalicelib.bootstrap",),
    ("chalicelib.engine", "chalicelib.adapters", "chalicelib.actions"),
    ("chalicelib.ports", "chalicelib.functions"),
    ("chalicelib.core",),
    ("chalicelib.settings", "chalicelib.logs", "chalicelib.metrics"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
CORE = "chalicelib.core"
OUTSIDE = ("infra", "bench", "tests")
SDK = ("punctual_client", "punctual_cli")
"""From below to above; each may know those before it."""
PLACES = {
    "chalicelib": "chalicelib",
    **dict(zip(OUTSIDE, OUTSIDE, strict=True)),
    **{name: f"sdk/src/{name}" for name in SDK},
}
"""The folders of modules, by the name that they are imported by."""
OUR_OWN = ("app", *PLACES)
ALSO_ALLOWED = {"chalicelib.core.schedule.cron": {"croniter"}}


@dataclass(frozen=True, kw_only=True)
class Import:
    """One module imports another one, which may be ours or not; `hidden` in a function."""

    module: str
    target: str
    line: int
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def sources(root: Path) -> dict[str, str]:
    """The text of every module of ours, by its dotted name. A package's own is named like the package."""
    places = {name: root / folder for name, folder in PLACES.items()}
    paths = {path: path.relative_to(place.parent) for place in places.values() for path in place.rglob("*.py")}
    paths[root / "app.py"] = Path("app.py")
    return {_dotted(name): path.read_text(encoding="utf-8") for path, name in paths.items()}


def violations(modules: Mapping[str, str]) -> list[str]:
    """One sentence for each breach of the rule."""
    trees = {name: ast.parse(text) for name, text in modules.items()}
    imports = [found for name, tree in trees.items() for found in _imports(name, tree, modules)]
    wrong = [f"{i}: {reason}" for i in imports if (reason := _breach(i)) is not None]
    secret = [
        f"{name} mentions TYPE_CHECKING" for name, tree in trees.items() if _product(name) and _type_checking(tree)
    ]
    return wrong + secret + _circles(imports, modules)


def _breach(found: Import) -> str | None:
    ours = found.target.partition(".")[0] in OUR_OWN
    if ours and found.hidden and _product(found.module):
        return "inside a function"
    if found.module.partition(".")[0] in SDK:
        return _breach_in_sdk(found)
    if _room(found.module) == CORE and not ours:
        return None if _allowed_in_core(found) else "core needs nothing but the standard library"
    if not ours or not _house(found.module):
        return None
    return _breach_in_house(found)


def _breach_in_sdk(found: Import) -> str | None:
    here, there = found.module.partition(".")[0], found.target.partition(".")[0]
    if there not in OUR_OWN or there in SDK[: SDK.index(here) + 1]:
        return None
    return "imports go down only" if there in SDK else "a house of its own"


def _breach_in_house(found: Import) -> str | None:
    if not _house(found.target):
        return "that is outside the house"
    here, there = _room(found.module), _room(found.target)
    if here is None or there is None or here == there:
        return None
    if here == CORE:
        return "core needs nothing but the standard library"
    if FLOOR[here] == FLOOR[there]:
        return "siblings do not import each other"
    return "imports go down only" if FLOOR[here] > FLOOR[there] else None


def _allowed_in_core(found: Import) -> bool:
    package = found.target.partition(".")[0]
    return package in sys.stdlib_module_names or package in ALSO_ALLOWED.get(found.module, ())


def _house(module: str) -> bool:
    return module.partition(".")[0] in ("app", "chalicelib")


def _product(module: str) -> bool:
    return _house(module) or module.partition(".")[0] in SDK


def _room(module: str) -> str | None:
    """The room of the house that a module is in; None for `chalicelib` itself, which holds nothing."""
    return next((room for room in FLOOR if module == room or module.startswith(f"{room}.")), None)


def _imports(name: str, tree: ast.Module, modules: Mapping[str, str]) -> Iterator[Import]:
    hidden = {id(inner) for function in ast.walk(tree) if _is_function(function) for inner in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in dict.fromkeys(_targets(name, node, modules)):
                yield Import(module=name, target=target, line=node.lineno, hidden=id(node) in hidden)


def _targets(name: str, node: ast.Import | ast.ImportFrom, modules: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    package = node.module or ""
    if node.level:  # `from . import x` in a.b names a.x
        package = ".".join([*name.split(".")[: -node.level], *filter(None, [node.module])])
    for alias in node.names:
        submodule = f"{package}.{alias.name}"
        yield submodule if submodule in modules else package


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _type_checking(tree: ast.Module) -> bool:
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return "TYPE_CHECKING" in named | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _circles(imports: list[Import], modules: Mapping[str, str]) -> list[str]:
    arrows: dict[str, set[str]] = {name: set() for name in modules}
    for found in imports:
        if found.target in modules and found.target != found.module:
            arrows[found.module].add(found.target)
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return ["a circle: " + " <- ".join(error.args[1])]
    return []


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
