"""What was deployed: functions, their settings, how their queues are read, what fires them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.settings import SettingsError, from_environment
from infra.deploy.by_chalice.mappings import FAILED_ALONE
from infra.doctor.installation import QUEUES, Ill, Installation

RATES = {"coordinator": "rate(1 minute)", "auditor": "rate(5 minutes)"}
BATCHES = {"passes": 1, "light": 10, "urgent": 10}
"""Messages at once; how many commands, the chosen concurrency says."""


class _Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """Nothing is set."""
        self.names.add(name)
        return default


def known_settings() -> set[str]:
    """The names of all settings.

    >>> sorted(known_settings())[:2]
    ['ALLOW_PRIVATE_TARGETS', 'AWS_ACTIONS_ALLOWED']
    """
    asked = _Asked()
    from_environment(asked)
    return asked.names


def runtime(there: Installation) -> str:
    """Python and architecture: all alike, and those that the package was made for."""
    found = {name: (each["Runtime"], *each.get("Architectures", ["x86_64"])) for name, each in there.functions.items()}
    if len(set(found.values())) > 1:
        different = ", ".join(f"{name} {' '.join(kind)}" for name, kind in found.items())
        raise Ill(f"The functions do not run on the same Python and architecture ({different}): {there.again}.")
    [(python, architecture)] = set(found.values())
    for packaged in there.packaged():
        if (packaged["Runtime"], packaged["Architecture"]) != (python, architecture):
            raise Ill(
                f"The package in dist/ is for {packaged['Runtime']} on {packaged['Architecture']}, and deployed is "
                f"{python} on {architecture}: say make package, then {there.again}."
            )
    return f"all functions run {python} on {architecture}"


def settings(there: Installation) -> str:
    """The environments of the functions: all alike, known, accepted, and what was chosen."""
    environments = {name: each.get("Environment", {}).get("Variables", {}) for name, each in there.functions.items()}
    for name, environment in environments.items():
        for wrong in _wrong_settings(there, environment):
            raise Ill(f"{there.deployed_name(name)}: {wrong}.")
    if len({tuple(sorted(each.items())) for each in environments.values()}) > 1:
        raise Ill(f"The functions do not have the same settings: {there.again}.")
    return "every function has the settings that were chosen"


def _wrong_settings(there: Installation, environment: dict[str, str]) -> Iterator[str]:
    try:
        found = from_environment(environment)
    except SettingsError as error:
        yield f"{error}; correct it in .chalice/config.json and {there.again}"
        return
    if found.stage != there.stage:
        yield f"STAGE is {found.stage}, not {there.stage}: {there.again}"
    for name in sorted(environment.keys() - known_settings()):
        if not name.startswith(("AWS_", "POWERTOOLS_", "PYTHON")):
            yield f"{name} is no setting of Punctual: remove it and {there.again}"
    chosen = there.settings()
    if found != from_environment(chosen):
        different = [name for name in sorted(chosen) if found != from_environment(environment | {name: chosen[name]})]
        yield f"its settings are not those of .chalice/config.json ({', '.join(different)}): {there.again}"


def mappings(there: Installation) -> str:
    """How queues are read. Without ReportBatchItemFailures, failed messages are deleted with the others."""
    at_once = there.at_once()
    for queue, function in QUEUES.items():
        name = f":punctual-{there.stage}-{queue}"
        found = [each for each in there.mappings(function) if each["EventSourceArn"].endswith(name)]
        if len(found) != 1:
            raise Ill(f"{len(found)} mappings lead from the queue {queue} to its function, not one: {there.again}.")
        wanted = {
            "State": "Enabled",
            "FunctionResponseTypes": [FAILED_ALONE],
            "BatchSize": BATCHES.get(queue, at_once["CommandsBatch"]),
            "ScalingConfig": {"MaximumConcurrency": at_once[queue.title()]},
        }
        for key, value in wanted.items():
            if found[0].get(key) != value:
                raise Ill(
                    f"The queue {queue} is read with {key} {found[0].get(key)}, not {value}: {there.again}; if that "
                    f"finds nothing to change, it was done by hand: put the mapping {found[0]['UUID']} right."
                )
    return "failed messages come back alone, and no queue takes all there is"


def rules(there: Installation) -> str:
    """What fires the coordinator and the auditor."""
    events = there.account.client("events")
    for name, rate in RATES.items():
        arn = there.functions[name]["FunctionArn"]
        found = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
        described = [events.describe_rule(Name=rule) for rule in found]
        if not any(each["State"] == "ENABLED" and each["ScheduleExpression"] == rate for each in described):
            state = ", ".join(f"{each['Name']} is {each['State']}" for each in described) or "there is no rule"
            raise Ill(
                f"Nothing fires the {name} at {rate} ({state}): enable its rule; if there is none, {there.again}."
            )
    return "a rule fires the coordinator every minute and the auditor every five"
