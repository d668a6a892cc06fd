"""The app stack's template: what is merged into Chalice's, and what has to be changed in it afterwards.

Chalice packages one stage: it writes names, policies and environments with that stage's values. The template is for
every stage, so they become parameters here.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from infra.packaging import gateway

ADDITIONS = Path(__file__).parents[1] / "app"
FUNCTION = "AWS::Serverless::Function"
ROLE = "AWS::IAM::Role"
OVERRIDING = ("Tags", "Architectures", "Environment")
"""Properties that Chalice gives to each function, and that Globals gives to all for every stage."""

Template = dict[str, Any]


def additions(folder: Path = ADDITIONS) -> Template:
    """The files of the folder as one template, to be given to `chalice package --merge-template`."""
    merged: Template = {}
    for path in sorted(folder.glob("*.yaml")):
        merged = _merged(merged, yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
    return merged


def finished(template: Template) -> Template:
    """Chalice's template, with the additions in it, as one that any stage can be made from."""
    done = copy.deepcopy(template)
    resources = done["Resources"]
    functions = [each["Properties"] for each in resources.values() if each["Type"] == FUNCTION]
    done["Parameters"]["Architecture"]["Default"] = _architecture(functions)
    for function in functions:
        for name in OVERRIDING:
            function.pop(name, None)
    for role in (each["Properties"] for each in resources.values() if each["Type"] == ROLE):
        role["Policies"] = [_substituted(policy) for policy in role["Policies"]]
    definition = resources["RestAPI"]["Properties"]["DefinitionBody"]
    definition["info"]["title"] = {"Fn::Sub": "punctual-${Stage}"}  # CloudWatch tells APIs apart by their names
    gateway.complete(definition)
    return done


def _architecture(functions: list[Template]) -> str:
    """The one that the package was built for."""
    [[built]] = {tuple(function["Architectures"]) for function in functions}
    return str(built)


def _substituted(value: Any) -> Any:
    """A policy's `${…}` is CloudFormation's to fill in."""
    if isinstance(value, dict):
        return {key: _substituted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_substituted(each) for each in value]
    return {"Fn::Sub": value} if isinstance(value, str) and "${" in value else value


def _merged(into: Any, other: Any, where: str) -> Any:
    """Both, deeply. Two files that say different things of the same place are a mistake."""
    if isinstance(into, dict) and isinstance(other, dict):
        new = {key: _merged(into[key], value, where) if key in into else value for key, value in other.items()}
        return into | new
    if into != other:
        raise ValueError(f"{where}: {other!r} is {into!r} in another file of this folder")
    return into
