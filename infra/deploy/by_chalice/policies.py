"""The roles' policies for `chalice deploy`, which hands them to IAM as they are: with everything filled in.

The policies are written once, with CloudFormation's own `${…}`, which it fills in itself in the app stack's template.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from infra.deploy.account import Account

RENDERED = "rendered"
"""The folder in `.chalice` that they are put in, in one of each stage."""


def render(folder: Path, account: Account, stage: str) -> dict[str, str]:
    """Write the policy of each function for a stage; the files, from the folder on, by the function's name."""
    functions = json.loads((folder / "config.json").read_text(encoding="utf-8"))["lambda_functions"]
    names = names_of(account, stage)
    target = folder / RENDERED / stage
    target.mkdir(parents=True, exist_ok=True)
    written = {}
    for function, entry in functions.items():
        file = entry["iam_policy_file"]
        text = filled_in((folder / file).read_text(encoding="utf-8"), names)
        (target / file).write_text(text, encoding="utf-8")
        written[function] = f"{RENDERED}/{stage}/{file}"
    return written


def names_of(account: Account, stage: str) -> dict[str, str]:
    """What stands for what in a policy."""
    return {
        "AWS::Partition": account.partition,
        "AWS::Region": account.region,
        "AWS::AccountId": account.id,
        "Stage": stage,
    }


def filled_in(text: str, names: dict[str, str]) -> str:
    """A policy with every `${…}` put in; `KeyError` for one that nothing stands for.

    >>> filled_in("punctual-${Stage}-runs", {"Stage": "dev"})
    'punctual-dev-runs'
    """
    return re.sub(r"\$\{([\w:]+)}", lambda match: names[match[1]], text)


def entry(functions: dict[str, str], reserved: dict[str, int]) -> dict[str, dict[str, Any]]:
    """What a stage's `lambda_functions` say in Chalice's configuration."""
    return {
        function: {"iam_policy_file": file}
        | ({"reserved_concurrency": reserved[function]} if function in reserved else {})
        for function, file in functions.items()
    }
