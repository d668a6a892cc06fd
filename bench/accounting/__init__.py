"""The accounting stub: DynamoDB and SQS in process for real botocore clients, every call counted as AWS bills it."""

from bench.accounting.books import Accounting, Hook
from bench.accounting.charges import Call, Charge, Units
from bench.accounting.wire import Answer, NotModelled, Refused, Request

__all__ = ["Accounting", "Answer", "Call", "Charge", "Hook", "NotModelled", "Refused", "Request", "Units"]
