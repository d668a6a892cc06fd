"""What a message may hold, how large it is, and the MD5 sums that SQS answers with."""

from __future__ import annotations

import re
from base64 import b64decode
from hashlib import md5
from typing import Any

from bench.accounting.items.sizes import text_size
from bench.accounting.sqs.queues import Message
from bench.accounting.wire import Parameters, Refused

MAX_DELAY = 900  # seconds
MAX_VISIBILITY = 43_200  # seconds
MAX_ATTRIBUTES = 10

# AmazonSQS API reference, SendMessage: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search

Attributes = dict[str, dict[str, Any]]


def checked_message(parameters: Parameters) -> None:
    """Refuses a message that SQS would not take, whatever its size."""
    body = parameters.get("MessageBody")
    if not body:
        raise Refused("MissingParameter", "The request must contain the parameter MessageBody.")
    if _FORBIDDEN(body):
        raise Refused("InvalidMessageContents", "Invalid characters found in the message body.")
    delay = parameters.get("DelaySeconds", 0)
    if not 0 <= delay <= MAX_DELAY:
        raise Refused(
            "InvalidParameterValue",
            f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        )
    if len(parameters.get("MessageAttributes", ())) > MAX_ATTRIBUTES:
        raise Refused("InvalidParameterValue", "Number of message attributes exceeds the allowed maximum [10].")


def checked_visibility(seconds: float) -> None:
    """Refuses a visibility timeout that SQS would not take."""
    if not 0 <= seconds <= MAX_VISIBILITY:
        raise Refused(
            "InvalidParameterValue",
            f"Value {seconds} for parameter VisibilityTimeout is invalid. "
            "Reason: VisibilityTimeout must be >= 0 and <= 43200.",
        )


def received(message: Message, asked: Parameters) -> Parameters:
    """A message as a receive answers it, with the attributes that were asked for."""
    shown: Parameters = {
        "MessageId": message.id,
        "ReceiptHandle": message.handle,
        "Body": message.body,
        "MD5OfBody": body_md5(message.body),
    }
    system = {name: value for name, value in _system_attributes(message).items() if _asked(name, asked)}
    if system:
        shown["Attributes"] = system
    wanted = asked.get("MessageAttributeNames", ())
    chosen = {name: value for name, value in message.attributes.items() if name in wanted or "All" in wanted}
    if chosen:
        shown.update(MessageAttributes=chosen, MD5OfMessageAttributes=attributes_md5(chosen))
    return shown


def received_size(shown: Parameters) -> int:
    """Bytes of a received message as it is billed."""
    return message_size({"MessageBody": shown["Body"], "MessageAttributes": shown.get("MessageAttributes", {})})


def message_size(parameters: Parameters) -> int:
    """Bytes of a message: its body, and name, type and value of its attributes."""
    size = text_size(parameters.get("MessageBody") or "")
    for name, attribute in parameters.get("MessageAttributes", {}).items():
        size += text_size(name) + text_size(attribute["DataType"]) + len(_value(attribute))
    return size


def body_md5(body: str) -> str:
    return md5(body.encode(), usedforsecurity=False).hexdigest()


def attributes_md5(attributes: Attributes) -> str:
    """SQS Developer Guide, "Amazon SQS message metadata": calculating the MD5 message digest for message attributes."""
    digest = md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        for part in (name.encode(), attribute["DataType"].encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        value = _value(attribute)
        digest.update(b"\x02" if "BinaryValue" in attribute else b"\x01")
        digest.update(len(value).to_bytes(4, "big") + value)
    return digest.hexdigest()


def _system_attributes(message: Message) -> dict[str, str]:
    """Instants are in milliseconds, everything is text."""
    found = {
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "SentTimestamp": str(int(message.sent_at * 1000)),
        "ApproximateReceiveCount": str(message.receives),
        "ApproximateFirstReceiveTimestamp": str(int((message.first_received_at or 0.0) * 1000)),
    }
    return found if message.group is None else {**found, "MessageGroupId": message.group}


def _asked(name: str, asked: Parameters) -> bool:
    names = (*asked.get("AttributeNames", ()), *asked.get("MessageSystemAttributeNames", ()))
    return name in names or "All" in names


def _value(attribute: dict[str, Any]) -> bytes:
    if "BinaryValue" in attribute:
        return b64decode(attribute["BinaryValue"])
    return str(attribute.get("StringValue", "")).encode()
