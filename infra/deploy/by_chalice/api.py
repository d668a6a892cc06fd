"""What Chalice's API says by itself, and how much it takes: as the app stack's template has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.account import Account, Failed
from infra.packaging import gateway

EVERY_METHOD = "/*/*/throttling"
LIMITS = {"rateLimit": "ApiRequestsPerSecond", "burstLimit": "ApiBurst"}


def finish_api(account: Account, state: list[dict[str, Any]], values: Mapping[str, str], stage: str) -> str:
    """Give the API its answers and its limits, unless it has them; its address."""
    [api] = [each for each in state if each["resource_type"] == "rest_api"]
    client = account.client("apigateway")
    changed = [name for name, wanted in gateway.responses().items() if _give(client, api["rest_api_id"], name, wanted)]
    if changed:  # an answer counts from the next deployment on
        client.create_deployment(restApiId=api["rest_api_id"], stageName=stage)
    client.update_stage(
        restApiId=api["rest_api_id"],
        stageName=stage,
        patchOperations=[
            {"op": "replace", "path": f"{EVERY_METHOD}/{limit}", "value": values[name]}
            for limit, name in LIMITS.items()
        ],
    )
    _look(client, api["rest_api_id"])
    return str(api["rest_api_url"])


def _give(client: Any, api: str, name: str, wanted: Mapping[str, Any]) -> bool:
    """Whether an answer had to be given."""
    if _has(client, api, name, wanted):
        return False
    client.put_gateway_response(restApiId=api, responseType=name, **wanted)
    return True


def _has(client: Any, api: str, name: str, wanted: Mapping[str, Any]) -> bool:
    try:
        found = client.get_gateway_response(restApiId=api, responseType=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return False
    return all(found.get(key) == value for key, value in wanted.items())


def _look(client: Any, api: str) -> None:
    for name, wanted in gateway.responses().items():
        if not _has(client, api, name, wanted):
            raise Failed(f"The API {api} does not answer {name} as it was told: say `after` again.")
