"""The shape of what the owner of a task is told. As in the other shapes, a description completes "must be …"."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.alerting.policy import Happening


class Notify(Struct, forbid_unknown_fields=True):
    """What the owner of a task is told of, where, and how often."""

    on: (
        Annotated[
            list[Annotated[Happening, Meta(description=f"one of {', '.join(Happening)}")]],
            Meta(min_length=1, max_length=4, description=f"a list of one or more of {', '.join(Happening)}"),
        ]
        | UnsetType
    ) = UNSET
    webhook: (
        Annotated[
            str, Meta(min_length=1, max_length=2048, description="an http or https URL of up to 2,048 characters")
        ]
        | UnsetType
    ) = UNSET
    sns: (
        Annotated[
            str, Meta(min_length=1, max_length=400, description="the ARN of an SNS topic for alerts of this stage")
        ]
        | UnsetType
    ) = UNSET
    cooldown_seconds: Annotated[int, Meta(ge=60, le=86_400, description="a whole number from 60 to 86,400")] = 900
    grace_seconds: Annotated[int, Meta(ge=300, le=86_400, description="a whole number from 300 to 86,400")] = 300
