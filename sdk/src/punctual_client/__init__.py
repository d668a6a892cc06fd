"""The client library of Punctual: `Client` has a method for every operation of the API.

```python
from punctual_client import Client

client = Client.from_environment()
run = client.runs.wait(client.tasks.run(client.tasks.create(definition)["id"])["id"])
```
"""

from __future__ import annotations

from punctual_client.address import NotEncrypted
from punctual_client.client import Client
from punctual_client.errors import (
    Answered,
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotConfigured,
    NotFound,
    NotPrivate,
    PreconditionFailed,
    PunctualError,
    Refused,
    ServerFault,
    StillRunning,
    TooMany,
    UnexpectedAnswer,
    Unreachable,
    WrongAddress,
)
from punctual_client.version import VERSION

__all__ = [
    "VERSION",
    "Answered",
    "Client",
    "Conflict",
    "FieldError",
    "Invalid",
    "NotAllowed",
    "NotAuthenticated",
    "NotConfigured",
    "NotEncrypted",
    "NotFound",
    "NotPrivate",
    "PreconditionFailed",
    "PunctualError",
    "Refused",
    "ServerFault",
    "StillRunning",
    "TooMany",
    "UnexpectedAnswer",
    "Unreachable",
    "WrongAddress",
]
