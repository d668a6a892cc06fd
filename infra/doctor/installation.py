"""A stage as the doctor finds it: where it is, what was chosen for it, and what its functions are called."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from infra.deploy import quota
from infra.deploy.account import Account
from infra.deploy.by_chalice.route import function_name
from infra.deploy.choosing import CONFIG, Chosen, settings_of
from infra.deploy.stacks import route
from infra.deploy.stacks.stack import Stack
from infra.packaging.template import Template, additions

QUEUES = {"passes": "dispatcher", "light": "light", "urgent": "urgent", "commands": "commands"}
"""Which function reads which queue."""


@lru_cache
def _template() -> Template:
    return additions()


class Ill(Exception):
    """Something is not as it should be. The message is one sentence, with what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One stage in one account."""

    account: Account
    chosen: Chosen
    now: Callable[[], datetime]
    package: Path
    config: Path = CONFIG

    @property
    def stage(self) -> str:
        return self.chosen.stage

    @cached_property
    def app_stack(self) -> Stack:
        return route.app_stack(self.account, self.chosen)

    @cached_property
    def by_cloudformation(self) -> bool:
        """Whether it was deployed by CloudFormation, and not by `chalice deploy`."""
        return self.app_stack.is_there()

    @cached_property
    def by_chalice(self) -> bool:
        """Whether `chalice deploy` made it: there is no stack, and some function that Chalice named."""
        if self.by_cloudformation:
            return False
        client = self.account.client("lambda")
        return any(_configured(client, function_name(self.stage, name)) is not None for name in self.names())

    @cached_property
    def is_there(self) -> bool:
        """Whether anything of it is: one of its stacks, or a function that Chalice made."""
        data = route.data_stack(self.account, self.chosen)
        return self.by_cloudformation or data.is_there() or self.by_chalice

    @property
    def again(self) -> str:
        """What deploys it again."""
        if not self.by_chalice:
            return f"say make deploy STAGE={self.stage}"
        return f"say chalice deploy --stage {self.stage} and python -m infra.deploy after --stage {self.stage}"

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """How each function is configured, by its name in app.py; `Ill` where one is not there."""
        client = self.account.client("lambda")
        return {name: self._function(client, name) for name in self.names()}

    def names(self) -> list[str]:
        """The functions that there have to be."""
        return list(json.loads(self.config.read_text(encoding="utf-8"))["lambda_functions"])

    def deployed_name(self, name: str) -> str:
        """What a function is called where it is deployed."""
        return function_name(self.stage, name) if self.by_chalice else f"punctual-{self.stage}-{name}"

    def _function(self, client: Any, name: str) -> dict[str, Any]:
        deployed = self.deployed_name(name)
        found = _configured(client, deployed)
        if found is None:
            raise Ill(f"The function {deployed} is not there: {self.again}.")
        return found

    def mappings(self, name: str) -> list[dict[str, Any]]:
        """How a function's queue is read."""
        pages = self.account.client("lambda").get_paginator("list_event_source_mappings")
        return [
            each
            for page in pages.paginate(FunctionName=self.deployed_name(name))
            for each in page["EventSourceMappings"]
        ]

    def settings(self) -> dict[str, str]:
        """What was chosen, and for what was not, what the template says, by the names of environment variables."""
        values, names = self.chosen.parameters(_template()), settings_of(_template())
        return {setting: values[parameter] for setting, parameter in names.items()}

    def at_once(self) -> dict[str, int]:
        """The numbers of the concurrency that was chosen."""
        return quota.at_once(_template(), self.chosen.parameters(_template()))

    def packaged(self) -> Iterator[dict[str, Any]]:
        """The functions of the package that was made here last; none where there is no package."""
        if not self.package.is_file():
            return
        template = json.loads(self.package.read_text(encoding="utf-8"))
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                yield resource["Properties"] | {"Architecture": template["Parameters"]["Architecture"]["Default"]}


def _configured(client: Any, deployed: str) -> dict[str, Any] | None:
    """How a function is configured; None where it is not there."""
    try:
        found: dict[str, Any] = client.get_function_configuration(FunctionName=deployed)
    except client.exceptions.ResourceNotFoundException:
        return None
    return found
