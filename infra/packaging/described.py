"""botocore's descriptions of AWS's services: those that are packed, without what only a reader needs.

botocore describes some 400 services, 21 MB in all. A function uses five. An `aws` action may call others, which
`SERVICES` adds. The list of all endpoints is cut down to the same services: a process reads it whole before it makes
its first client.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from infra.packaging.refused import Refused

ALWAYS = ("dynamodb", "lambda", "sns", "sqs", "ssm")
"""What Punctual itself calls."""
GENERAL = ("_retry.json", "partitions.json", "sdk-default-configuration.json")
DESCRIPTIONS = ("service-2", "endpoint-rule-set-1", "paginators-1", "paginators-1.sdk-extras", "waiters-2")


def pack(dependencies: Path, into: Path, services: Collection[str]) -> None:
    """Write the descriptions of these services, and what they need, into a folder of dependencies."""
    data, packed = dependencies / "botocore" / "data", into / "botocore" / "data"
    packed.mkdir(parents=True, exist_ok=True)
    for name in GENERAL:
        _write(packed / name, _read(data / name))
    prefixes = {_pack_service(dependencies, into, service) for service in sorted({*ALWAYS, *services})}
    _write(packed / "endpoints.json", _endpoints(_read(data / "endpoints.json"), prefixes))


def _pack_service(dependencies: Path, into: Path, service: str) -> str:
    """Write one service's description. What its endpoints are listed under."""
    data, packed = dependencies / "botocore" / "data", into / "botocore" / "data"
    found = sorted(path.parent for path in data.glob(f"{service}/*/service-2.json*"))
    if not found:
        raise Refused(f"SERVICES names {service!r}, which botocore does not know.")
    newest = found[-1]
    for kind in DESCRIPTIONS:
        for path in newest.glob(f"{kind}.json*"):
            _write(packed / service / newest.name / f"{kind}.json", _without_documentation(_read(path)))
    for path in sorted((dependencies / "boto3" / "data" / service).glob("*/resources-1.json")):
        _write(into / path.relative_to(dependencies), _read(path))
    described = _read(packed / service / newest.name / "service-2.json")
    return str(described["metadata"]["endpointPrefix"])


def _endpoints(every: dict[str, Any], prefixes: Collection[str]) -> dict[str, Any]:
    for partition in every["partitions"]:
        partition["services"] = {name: said for name, said in partition["services"].items() if name in prefixes}
    return every


def _without_documentation(value: Any) -> Any:
    """The value without its explanations. (A member of a shape may be named `documentation`: that is no text.)"""
    if isinstance(value, dict):
        return {
            name: _without_documentation(inner)
            for name, inner in value.items()
            if not (name == "documentation" and isinstance(inner, str))
        }
    return [_without_documentation(inner) for inner in value] if isinstance(value, list) else value


def _read(path: Path) -> dict[str, Any]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    content: dict[str, Any] = json.loads(raw)
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
