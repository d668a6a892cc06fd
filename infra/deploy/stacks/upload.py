"""The package, put where CloudFormation reads it: a bucket of the account, made when it is first needed."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.account import Account, Refused
from infra.deploy.stacks.stack import Source
from infra.packaging.template import FUNCTION, Template

FOLDER = Path("dist")
ZIP, TEMPLATE = "deployment.zip", "template.json"
MISSING = ("404", "NoSuchBucket", "NotFound")
WITHOUT_NAME = "us-east-1"
"""The one region that a bucket is made in by not naming it."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """What `make package` made."""

    code: Path
    template: Template


def package(folder: Path = FOLDER) -> Package:
    """The package of a folder; `Refused` where there is none."""
    code, template = folder / ZIP, folder / TEMPLATE
    for path in (code, template):
        if not path.is_file():
            raise Refused(f"{path} is missing: say `make package` first.")
    return Package(code=code, template=json.loads(template.read_text(encoding="utf-8")))


def bucket_of(account: Account) -> str:
    """The name of the account's bucket for packages in its region."""
    return f"punctual-packages-{account.id}-{account.region}"


def make_bucket(account: Account, name: str) -> None:
    """Make a bucket unless it is there: private, encrypted, every version kept, by TLS only."""
    s3 = account.client("s3")
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account.id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING:
            raise Refused(f"The bucket {name} is not this account's, or may not be read.") from error
        where = {} if account.region == WITHOUT_NAME else {"LocationConstraint": account.region}
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=NOBODY_ELSE)
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=ENCRYPTED)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(_tls_only(account.partition, name)))


NOBODY_ELSE = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
    True,
)
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


def _tls_only(partition: str, name: str) -> dict[str, Any]:
    bucket = f"arn:{partition}:s3:::{name}"
    statement = {
        "Sid": "EncryptedConnectionsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def upload(account: Account, bucket: str, stage: str, made: Package) -> Source:
    """Put code and template into a bucket, under names that follow from what they are: nothing is put twice."""
    code = made.code.read_bytes()
    code_key = f"{stage}/{_digest(code)}.zip"
    _put(account, bucket, code_key, code)
    template = json.dumps(located(made.template, f"s3://{bucket}/{code_key}"), separators=(",", ":")).encode()
    template_key = f"{stage}/{_digest(template)}.json"
    _put(account, bucket, template_key, template)
    endpoint = account.client("s3").meta.endpoint_url
    return Source(url=f"{endpoint}/{bucket}/{template_key}")


def located(template: Template, code: str) -> Template:
    """The template with the address of its code."""
    done = copy.deepcopy(template)
    for resource in done["Resources"].values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = code
    return done


def _put(account: Account, bucket: str, key: str, body: bytes) -> None:
    s3 = account.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
