"""The other route: `chalice deploy --stage x`, with what it cannot do before it and after it.

Before: the data stack, each function's log, the policies with the stage's names in them, the stage's entry in
Chalice's configuration. After: what Chalice has no word for: how queues are read, and what API Gateway answers by
itself. Both may be done again at any time. Chalice remembers what it made in one file only, and would make all of it
anew without that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy import quota
from infra.deploy.account import Account, Refused
from infra.deploy.by_chalice import logs, policies
from infra.deploy.by_chalice.api import finish_api
from infra.deploy.by_chalice.mappings import finish_mappings
from infra.deploy.choosing import CONFIG, Chosen, constants_of
from infra.deploy.schedules import bring
from infra.deploy.stacks.route import DECLINED, DONE, app_stack, carry_out, data_stack, propose_data, welcome
from infra.packaging.template import additions

FRONT = "api_handler"
"""The function behind the API."""
GATEWAY = "apigateway.amazonaws.com"
RESERVED = {"coordinator": "Coordinator", "dispatcher": "Passes", "commands": "Commands", "sandbox": "Sandbox"}
"""Which functions have their share of the account to themselves where ReserveConcurrency is yes, and which share."""


def before(account: Account, chosen: Chosen, config: Path = CONFIG) -> int:
    """All that has to be there when Chalice deploys; the exit status. `Refused` where it would make a second one."""
    template = additions()
    values = chosen.parameters(template)
    at_once = quota.at_once(template, values)
    quota.check(account, at_once, values)
    refuse_a_second(account, chosen, config.parent)
    data = data_stack(account, chosen)
    proposal = propose_data(account, data, chosen)
    if not carry_out([] if proposal is None else [(data, proposal)], values):
        return DECLINED
    logs.keep(account, (function_name(chosen.stage, each) for each in _functions(config)), int(values["LogDays"]))
    reserved = {name: at_once[share] for name, share in RESERVED.items()}
    functions = policies.render(config.parent, account, chosen.stage)
    entry = policies.entry(functions, reserved if values["ReserveConcurrency"] == "yes" else {})
    _enter(config, chosen.stage, constants_of(template) | {"STAGE": chosen.stage}, entry)
    print(
        f"Now say: chalice deploy --stage {chosen.stage}, and then: python -m infra.deploy after --stage {chosen.stage}"
    )
    return DONE


def after(account: Account, chosen: Chosen, config: Path = CONFIG) -> int:
    """Set what Chalice does not set, look whether it is set, and say where the installation is; the exit status."""
    template = additions()
    values = chosen.parameters(template)
    state = deployed(chosen.stage, config.parent)
    if state is None:
        raise Refused(f"Chalice has not deployed {chosen.stage} from here: say chalice deploy --stage {chosen.stage}.")
    finish_mappings(account, state, quota.at_once(template, values))
    api = finish_api(account, state, values, json.loads(config.read_text(encoding="utf-8"))["api_gateway_stage"])
    status = bring(account, chosen)
    print(welcome(api, values["Registration"]))
    return status


def deployed(stage: str, folder: Path) -> list[dict[str, Any]] | None:
    """What Chalice remembers of having made for a stage; None: it remembers nothing."""
    path = folder / "deployed" / f"{stage}.json"
    if not path.is_file():
        return None
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["resources"]
    return found


def refuse_a_second(account: Account, chosen: Chosen, folder: Path) -> None:
    """`Refused` where the stage is deployed and Chalice does not know of it."""
    if app_stack(account, chosen).is_there():
        raise Refused(f"{chosen.stage} is deployed by CloudFormation: say make deploy STAGE={chosen.stage}.")
    front = function_name(chosen.stage, FRONT)
    if deployed(chosen.stage, folder) is None and _answers_an_api(account, front):
        raise Refused(
            f"{front} is deployed, but .chalice/deployed/{chosen.stage}.json, where Chalice remembers that, is gone: "
            "bring the file back from where it was deployed, or delete that function and its API."
        )


def function_name(stage: str, name: str) -> str:
    """What Chalice calls a function. The one behind the API has no name of its own."""
    return f"punctual-{stage}" if name == FRONT else f"punctual-{stage}-{name}"


def _answers_an_api(account: Account, function: str) -> bool:
    """Whether an API may call a function: the last thing that Chalice sees to. What it had begun before that it finds
    again by itself."""
    try:
        policy = account.client("lambda").get_policy(FunctionName=function)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return GATEWAY in policy


def _functions(config: Path) -> list[str]:
    return list(json.loads(config.read_text(encoding="utf-8"))["lambda_functions"])


def _enter(config: Path, stage: str, variables: Mapping[str, str], functions: Mapping[str, Any]) -> None:
    """Have the stage's entry in Chalice's configuration say what Chalice has to know. The rest of it stays."""
    document = json.loads(config.read_text(encoding="utf-8"))
    entry = document.setdefault("stages", {}).setdefault(stage, {})
    environment = {**entry.get("environment_variables", {}), **variables}
    changed = {"environment_variables": environment, "lambda_functions": dict(functions)}
    if entry | changed != entry:
        entry |= changed
        config.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
