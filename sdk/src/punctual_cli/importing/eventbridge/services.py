"""Services: AWS's APIs by the names that universal targets and boto3 have for them, where these differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

BOTO3_NAMES: Mapping[str, str] = {
    "sfn": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "cloudwatchevents": "events",
    "cognitoidentityprovider": "cognito-idp",
    "cognitoidentity": "cognito-identity",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "applicationautoscaling": "application-autoscaling",
    "autoscalingplans": "autoscaling-plans",
    "costexplorer": "ce",
    "configservice": "config",
    "databasemigration": "dms",
    "elasticsearch": "es",
    "emrserverless": "emr-serverless",
    "emrcontainers": "emr-containers",
    "iotdataplane": "iot-data",
    "lambda": "lambda",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "redshiftserverless": "redshift-serverless",
    "resourcegroupstaggingapi": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
    "timestreamwrite": "timestream-write",
    "timestreamquery": "timestream-query",
}
"""By what AWS's SDK for Java calls a service; the others are called alike."""
_WORD = re.compile(r"(.)([A-Z][a-z]+)")
_CAPITAL = re.compile(r"([a-z0-9])([A-Z])")


def boto3_name(service: str) -> str:
    """The service as boto3 has it."""
    return BOTO3_NAMES.get(service.lower(), service.lower())


def snake(operation: str) -> str:
    """The operation as boto3 has it.

    >>> snake("sendMessage"), snake("createDBSnapshot"), snake("PutObject")
    ('send_message', 'create_db_snapshot', 'put_object')
    """
    return _CAPITAL.sub(r"\1_\2", _WORD.sub(r"\1_\2", operation)).lower()


def small_first(value: Any) -> Any:
    """An object whose names begin with small letters, all the way down.

    >>> small_first({"Cluster": "a", "Overrides": [{"Name": "b"}]})
    {'cluster': 'a', 'overrides': [{'name': 'b'}]}
    """
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: small_first(inner) for name, inner in value.items()}
    return [small_first(item) for item in value] if isinstance(value, list) else value
