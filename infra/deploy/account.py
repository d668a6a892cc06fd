"""The AWS account that is deployed to, and what there is to say when that cannot be done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

DENIED = "AccessDenied"


class Refused(Exception):
    """It cannot be done like this. The message is one sentence for the person at the keyboard."""


class Failed(Exception):
    """AWS began and did not succeed. The message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account in one region, as the caller's credentials know it."""

    id: str
    region: str
    partition: str
    session: boto3.Session

    def client(self, service: str) -> Any:
        """A client of a service."""
        return self.session.client(service)


def account() -> Account:
    """The caller's account; `Refused` where there are no credentials, or nobody said which region."""
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))  # which boto3 by itself does not read
    if session.region_name is None:
        raise Refused("No region is chosen: set AWS_REGION.")
    try:
        caller = session.client("sts").get_caller_identity()
    except NoCredentialsError as error:
        raise Refused("No AWS credentials were found: log in, or set AWS_PROFILE.") from error
    partition = caller["Arn"].split(":")[1]
    return Account(id=caller["Account"], region=session.region_name, partition=partition, session=session)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """What AWS refuses, or cannot be asked, as one sentence."""
    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        raise Refused(
            f"{error.operation_name} was refused, {told.get('Code')}: {_short(told.get('Message'))}."
        ) from error
    except BotoCoreError as error:
        raise Refused(f"AWS could not be asked: {_short(error)}.") from error


def _short(text: object) -> str:
    return " ".join(str(text).split()).removesuffix(".")
