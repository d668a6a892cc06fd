"""Signing: how a receiver knows that a request is ours, by the rules of Standard Webhooks (standardwebhooks.com).

`webhook-id` is the run's id, the same in every attempt, so that a receiver can do things once; `webhook-timestamp` is
the attempt's; `webhook-signature` holds one signature a key, so that a receiver may change over from one key to the
next.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
HEADERS = frozenset({ID, TIMESTAMP, SIGNATURE})
VERSION = "v1"
PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""What Standard Webhooks allows: 192 to 512 bits."""


class NoKey(ValueError):
    """A signing secret has not the form of one. The message does not quote it."""


def signature_headers(secrets: Sequence[str], name: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a request with this body that is sent at an instant; `NoKey` where a secret is none.

    >>> from datetime import UTC
    >>> secret, name = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    >>> at = datetime.fromtimestamp(1614265330, UTC)
    >>> signature_headers([secret], name, at, b'{"test": 2432232314}')["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    seconds = str(int(at.timestamp()))
    content = f"{name}.{seconds}.".encode() + body
    signatures = [_signature(_key(secret), content) for secret in secrets]
    return {ID: name, TIMESTAMP: seconds, SIGNATURE: " ".join(signatures)}


def _signature(key: bytes, content: bytes) -> str:
    return f"{VERSION},{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"


def _key(secret: str) -> bytes:
    stripped = secret.strip()
    if not stripped.startswith(PREFIX):
        raise NoKey(f"a signing secret must be {PREFIX} and 24 to 64 bytes in base64")
    try:
        key = base64.b64decode(stripped.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise NoKey(f"a signing secret is not base64 after {PREFIX}") from None
    if len(key) not in KEY_BYTES:
        raise NoKey(f"a signing secret has {len(key)} bytes instead of 24 to 64")
    return key
