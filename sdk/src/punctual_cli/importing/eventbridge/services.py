"""Services: AWS's APIs by the names that universal targets and boto3 have for them, where these differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HYPHENED = (
    *("acm-pca", "application-autoscaling", "application-insights", "arc-zonal-shift", "autoscaling-plans"),
    *("backup-gateway", "bcm-data-exports", "bedrock-agent", "bedrock-agent-runtime", "bedrock-data-automation"),
    *("bedrock-data-automation-runtime", "bedrock-runtime", "chime-sdk-meetings", "chime-sdk-messaging"),
    *("chime-sdk-voice", "cloudtrail-data", "codeguru-reviewer", "codeguru-security", "codestar-connections"),
    *("codestar-notifications", "cognito-identity", "cognito-idp", "cognito-sync", "compute-optimizer"),
    *("cost-optimization-hub", "customer-profiles", "devops-guru", "docdb-elastic", "ds-data", "ecr-public"),
    *("emr-containers", "emr-serverless", "finspace-data", "inspector-scan", "iot-data", "iot-jobs-data"),
    *("launch-wizard", "lexv2-models", "lexv2-runtime", "license-manager", "marketplace-catalog", "mediapackage-vod"),
    *("medical-imaging", "migration-hub-refactor-spaces", "migrationhub-config", "mwaa-serverless", "neptune-graph"),
    *("network-firewall", "payment-cryptography", "personalize-events", "personalize-runtime", "pinpoint-email"),
    *("pinpoint-sms-voice-v2", "rds-data", "redshift-data", "redshift-serverless", "resource-explorer-2"),
    *("resource-groups", "route53-recovery-cluster", "route53-recovery-control-config", "route53-recovery-readiness"),
    *("sagemaker-a2i-runtime", "sagemaker-featurestore-runtime", "sagemaker-geospatial", "sagemaker-metrics"),
    *("sagemaker-runtime", "security-ir", "service-quotas", "servicecatalog-appregistry", "ssm-contacts"),
    *("ssm-incidents", "ssm-quicksetup", "ssm-sap", "sso-admin", "support-app", "timestream-influxdb"),
    *("timestream-query", "timestream-write", "voice-id", "vpc-lattice", "waf-regional", "workspaces-thin-client"),
    "workspaces-web",
)
"""Services that boto3 writes with hyphens; AWS's SDK for Java has none."""
BOTO3_NAMES: Mapping[str, str] = {name.replace("-", ""): name for name in HYPHENED} | {
    "applicationdiscovery": "discovery",
    "cloudwatchevents": "events",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
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
