"""What was chosen for a stage: `.chalice/config.json` says it for both routes, and nothing else does.

A stage's `environment_variables` are its settings. Its `parameters` are those of the app stack's template that are no
settings: how much runs at once, how long logs are kept, who gets the alarms. What a stage does not say is as the
template's default says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.settings import LOCAL, SettingsError, from_environment
from infra.deploy.account import Refused
from infra.packaging.template import Template, additions

CONFIG = Path(__file__).parents[2] / ".chalice" / "config.json"
STAGE = re.compile(r"[a-z][a-z0-9-]{0,30}")
DATA = "-data"
"""What the name of a stage's data stack ends with."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A stage and what was chosen for it, by the names of the template's parameters."""

    stage: str
    values: Mapping[str, str]

    @property
    def data_stack(self) -> str:
        return f"punctual-{self.stage}{DATA}"

    @property
    def app_stack(self) -> str:
        return f"punctual-{self.stage}"

    def parameters(self, template: Template) -> dict[str, str]:
        """The values of all of a template's parameters; `Refused` for one that it does not have, or will not take."""
        declared = template["Parameters"]
        unknown = sorted(self.values.keys() - declared.keys())
        if unknown:
            raise Refused(f"The stage {self.stage} chooses {unknown[0]}, which the template does not have.")
        defaults = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
        values = {**defaults, **self.values, "Stage": self.stage}
        for name, value in values.items():
            _check(name, value, declared[name])
        if values["Architecture"] != defaults["Architecture"]:
            raise Refused(
                f"The package was built for {defaults['Architecture']}, and the stage {self.stage} chooses "
                f"{values['Architecture']}: say ARCHITECTURE={values['Architecture']} to make."
            )
        return values


def stage_named(name: str) -> str:
    """The name of a stage that can be deployed; `Refused` for any other."""
    if not name:
        raise Refused("Which stage? Say STAGE=dev, for example.")
    if not STAGE.fullmatch(name):
        raise Refused(f"STAGE must be lower-case letters, digits and dashes, 31 at most, a letter first, not {name!r}.")
    if name == LOCAL or name.endswith(DATA):
        raise Refused(f"STAGE must not be {LOCAL}, nor end in {DATA}: those names have a meaning of their own.")
    return name


def choose(stage: str, config: Path = CONFIG) -> Chosen:
    """What the configuration chooses for a stage; `Refused` for a setting that there is not, or that makes no sense."""
    document: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
    entry: dict[str, Any] = document.get("stages", {}).get(stage_named(stage), {})
    environment = {k: str(v) for k, v in entry.get("environment_variables", {}).items()}
    environment.pop("STAGE", None)
    settings = settings_of(additions())
    unknown = sorted(environment.keys() - settings.keys() - constants_of(additions()).keys())
    if unknown:
        raise Refused(f"{unknown[0]} of the stage {stage} in {config.name} is no setting of Punctual.")
    try:
        from_environment({**environment, "STAGE": stage})
    except SettingsError as error:
        raise Refused(f"{error} (the stage {stage} in {config.name}).") from error
    values = {settings[name]: value for name, value in environment.items() if name in settings}
    return Chosen(stage=stage, values=values | {k: str(v) for k, v in entry.get("parameters", {}).items()})


def settings_of(template: Template) -> dict[str, str]:
    """The parameter for each setting, as the environment of all functions has them."""
    return {name: value["Ref"] for name, value in _variables(template).items() if isinstance(value, dict)}


def environment_of(chosen: Chosen) -> dict[str, str]:
    """The environment of a stage's functions, as far as it is chosen."""
    template = additions()
    defaults = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()}
    values = {**defaults, **chosen.values, "Stage": chosen.stage}
    return {name: values[parameter] for name, parameter in settings_of(template).items()}


def constants_of(template: Template) -> dict[str, str]:
    """What the environment of all functions has that nobody chooses."""
    return {name: str(value) for name, value in _variables(template).items() if not isinstance(value, dict)}


def _variables(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template["Globals"]["Function"]["Environment"]["Variables"]
    return found


def _check(name: str, value: str, declared: Mapping[str, Any]) -> None:
    allowed = [str(each) for each in declared.get("AllowedValues", ())]
    if allowed and value not in allowed:
        raise Refused(f"{name} must be one of {', '.join(each or 'nothing' for each in allowed)}, not {value!r}.")
    if declared["Type"] != "Number":
        return
    low, high = declared.get("MinValue", 0), declared.get("MaxValue", 10**12)
    if not value.isdigit() or not low <= int(value) <= high:
        raise Refused(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
